package io.insula.host.simulation;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.host.simulation.Behavior.Ends;
import io.insula.host.simulation.Behavior.Runs;
import io.insula.tenantapi.view.ContainerView;
import io.insula.tenantapi.view.ContainerView.Kind;
import io.insula.tenantapi.view.PodView;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What the runs of a container come to, by its command. A run may find files that an init container or an earlier run
/// has left, so these are gone through first, each time: nothing is remembered. Pure.
final class ContainerRuns {

    /// Images whose own command ends by itself.
    private static final Set<String> ONE_SHOT = Set.of("hello-world", "perl");
    /// Images whose own command is a shell.
    private static final Set<String> SHELLS =
            Set.of("busybox", "alpine", "bash", "debian", "ubuntu", "fedora", "centos");

    private static final int MOST_RUNS = 50;

    /// Source: Kubernetes documentation, "Define Dependent Environment Variables" and "Use environment variables to
    /// define arguments".
    private static final Pattern REFERENCE = Pattern.compile("\\$\\$|\\$\\(([^()$]*)\\)");

    private ContainerRuns() {}

    /// @param run how many runs came before
    static Behavior behavior(JsonNode pod, JsonNode container, int run, Duration pace) {
        var files = new ScratchFiles();
        for (ContainerView init : PodView.of(pod).spec().containers(Kind.INIT)) {
            boolean before = !init.name().equals(container.path("name").asText());
            if (!before) {
                break;
            }
            once(pod, init.tree(), files, pace);
        }
        for (int i = 0; i < Math.min(run, MOST_RUNS); i++) {
            Set<String> before = files.made();
            Behavior one = once(pod, container, files, pace);
            if (files.made().equals(before)) {
                // what finds the same does the same
                return one;
            }
        }
        return once(pod, container, files, pace);
    }

    private static Behavior once(JsonNode pod, JsonNode container, ScratchFiles files, Duration pace) {
        Map<String, Optional<String>> variables = variables(container);
        List<Optional<String>> words = words(container, variables);
        if (words.isEmpty()) {
            return new Runs();
        }
        var run = ScriptRun.of(
                variables, files.of(pod, container), container.path("stdin").asBoolean());
        try {
            int code = Commands.run(words, run);
            return new Ends(code, run.spent().compareTo(pace) < 0 ? pace : run.spent());
        } catch (Unknowable e) {
            return new Runs();
        }
    }

    private static List<Optional<String>> words(JsonNode container, Map<String, Optional<String>> variables) {
        var words = new ArrayList<Optional<String>>();
        container.path("command").forEach(word -> words.add(expanded(word.asText(), variables)));
        container.path("args").forEach(word -> words.add(expanded(word.asText(), variables)));
        String image = ImageNames.name(container.path("image").asText(""));
        if (words.isEmpty() && ONE_SHOT.contains(image)) {
            words.add(Optional.of("true"));
        } else if (words.isEmpty() && SHELLS.contains(image)) {
            words.add(Optional.of("sh"));
        }
        return words;
    }

    private static Map<String, Optional<String>> variables(JsonNode container) {
        var variables = new HashMap<String, Optional<String>>();
        for (JsonNode variable : container.path("env")) {
            variables.put(
                    variable.path("name").asText(),
                    variable.has("valueFrom")
                            ? Optional.empty()
                            : expanded(variable.path("value").asText(""), variables));
        }
        return variables;
    }

    /// With the variables that `$(NAME)` names.
    private static Optional<String> expanded(String text, Map<String, Optional<String>> variables) {
        Matcher references = REFERENCE.matcher(text);
        var all = new StringBuilder();
        while (references.find()) {
            String name = references.group(1);
            Optional<String> value =
                    name == null ? Optional.of("$") : variables.getOrDefault(name, Optional.of(references.group()));
            if (value.isEmpty()) {
                return value;
            }
            references.appendReplacement(all, Matcher.quoteReplacement(value.get()));
        }
        references.appendTail(all);
        return Optional.of(all.toString());
    }
}
