package io.insula.rules.podsecurity;

import static io.insula.rules.podsecurity.Setters.plural;
import static io.insula.rules.podsecurity.Setters.quoted;

import io.insula.rules.podsecurity.PodFacts.Container;
import io.insula.rules.podsecurity.PodFacts.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/// What of the node a pod asks for.
final class HostChecks {

    private HostChecks() {}

    static Optional<Violation> namespaces(PodFacts pod) {
        return Violation.of(
                "host namespaces",
                String.join(
                        ", ",
                        pod.hostNamespaces().stream()
                                .map(field -> field + "=true")
                                .toList()),
                pod.hostNamespaces().stream().map(field -> "spec." + field).toList());
    }

    static Optional<Violation> paths(PodFacts pod) {
        var names = new ArrayList<String>();
        var fields = new ArrayList<String>();
        for (int i = 0; i < pod.volumes().size(); i++) {
            var volume = pod.volumes().get(i);
            if (volume.types().contains("hostPath")) {
                names.add(volume.name());
                fields.add("spec.volumes[" + i + "].hostPath");
            }
        }
        return Violation.of("hostPath volumes", plural("volume", names.size()) + " " + quoted(names), fields);
    }

    /// A volume of several types is judged by each: which of them holds is for whoever mounts it to say.
    static Optional<Violation> volumes(PodFacts pod) {
        var names = new ArrayList<String>();
        var types = new TreeSet<String>();
        var fields = new ArrayList<String>();
        for (int i = 0; i < pod.volumes().size(); i++) {
            var volume = pod.volumes().get(i);
            var bad = new TreeSet<>(volume.types().isEmpty() ? Set.of("unknown") : volume.types());
            bad.removeAll(AllowedValues.RESTRICTED_VOLUMES);
            if (!bad.isEmpty()) {
                names.add(volume.name());
                types.addAll(bad);
                fields.add("spec.volumes[" + i + "]" + (volume.types().isEmpty() ? "" : "." + bad.first()));
            }
        }
        return Violation.of(
                "restricted volume types",
                plural("volume", names.size()) + " " + quoted(names) + (names.size() == 1 ? " uses " : " use ")
                        + plural("restricted volume type", types.size()) + " " + quoted(types),
                fields);
    }

    static Optional<Violation> ports(PodFacts pod) {
        var found = used(pod, Container::hostPorts);
        return found.violation(
                "hostPort",
                uses(found) + plural("hostPort", found.values().size()) + " " + String.join(", ", found.values()));
    }

    static Optional<Violation> handlers(PodFacts pod) {
        var found = used(pod, Container::handlerHosts).sorted();
        return found.violation(
                "probe or lifecycle host",
                uses(found) + plural("probe or lifecycle host", found.values().size()) + " " + quoted(found.values()));
    }

    private static Setters used(PodFacts pod, Function<Container, List<Field>> what) {
        var found = new Setters();
        for (var container : pod.containers()) {
            for (var field : what.apply(container)) {
                found.container(container, field.path());
                found.value(field.value());
            }
        }
        return found;
    }

    private static String uses(Setters found) {
        return found.containers() + (found.count() == 1 ? " uses " : " use ");
    }

    static Optional<Violation> privileged(PodFacts pod) {
        var found = new Setters();
        pod.containers().stream()
                .filter(Container::privileged)
                .forEach(container -> found.container(container, "securityContext.privileged"));
        return found.violation("privileged", found.who() + " must not set securityContext.privileged=true");
    }

    static Optional<Violation> procMount(PodFacts pod) {
        var found = new Setters();
        for (var container : pod.containers()) {
            if (!container.procMount().equals("Default")) {
                found.container(container, "securityContext.procMount");
                found.value(container.procMount());
            }
        }
        return found.violation(
                "procMount", found.who() + " must not set securityContext.procMount to " + quoted(found.values()));
    }

    static Optional<Violation> sysctls(PodFacts pod, Set<String> allowed) {
        var names = new ArrayList<String>();
        var fields = new ArrayList<String>();
        for (int i = 0; i < pod.sysctls().size(); i++) {
            var name = pod.sysctls().get(i);
            if (!allowed.contains(name)) {
                names.add(name);
                fields.add("spec.securityContext.sysctls[" + i + "]");
            }
        }
        return Violation.of("forbidden sysctls", String.join(", ", names), fields);
    }

    static Optional<Violation> windowsProcess(PodFacts pod) {
        var found = new Setters();
        if (pod.security().hostProcess()) {
            found.pod("windowsOptions.hostProcess");
        }
        pod.containers().stream()
                .filter(container -> container.security().hostProcess())
                .forEach(container -> found.container(container, "securityContext.windowsOptions.hostProcess"));
        return found.violation(
                "hostProcess", found.who() + " must not set securityContext.windowsOptions.hostProcess=true");
    }
}
