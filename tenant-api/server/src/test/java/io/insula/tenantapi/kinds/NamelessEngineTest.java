package io.insula.tenantapi.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.ResourceKind;
import io.insula.tenantapi.registry.Subresource;
import io.micronaut.context.BeanContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The engine runs every kind and knows none: what one kind needs is a hook of all, and what a subresource does stands
/// in its declaration. Whoever writes the name of a kind, resource or subresource into the engine finds it here.
final class NamelessEngineTest {

    /// The packages that serve whatever kinds there are. Others are about certain kinds (tokens, Services' addresses,
    /// custom resources, aggregation, what is there from the start).
    private static final Set<String> GENERIC =
            Set.of("registry", "table", "ports", "pipeline", "discovery", "openapi", "client");

    private static final Map<String, Set<String>> ALLOWED = Map.of(
            // read from the URL alone, before any kind is known
            "RequestInfo.java", Set.of("namespaces", "finalize", "attach", "exec", "proxy", "log", "portforward"),
            // the one subresource that the engine itself brings
            "Subresource.java", Set.of("scale"));

    private static final Pattern COMMENT = Pattern.compile("(?s)//[^\n]*|/\\*.*?\\*/");
    private static final Pattern LITERAL = Pattern.compile("\"((?:[^\"\\\\\n]|\\\\.)*)\"");

    @Test
    void knowsNoKindByName() {
        Set<String> names = names();
        assertThat(names).contains("Pod", "pods", "binding", "TokenReview", "CustomResourceDefinition");
        var found = new TreeMap<String, Set<String>>();
        Stream.concat(sources("../engine"), sources(".")).forEach(file -> {
            var known = new TreeSet<>(literals(file));
            known.retainAll(names);
            if (!known.isEmpty()) {
                found.put(file.getFileName().toString(), known);
            }
        });
        assertThat(found).containsExactlyInAnyOrderEntriesOf(ALLOWED);
    }

    private static Set<String> names() {
        var names = new HashSet<String>();
        try (var beans = BeanContext.run()) {
            for (ResourceKind kind : beans.getBeansOfType(ResourceKind.class)) {
                KindSpec spec = kind.spec();
                names.addAll(List.of(spec.kind().kind(), spec.resource()));
                spec.subresources().stream().map(Subresource::name).forEach(names::add);
            }
        }
        // a field of nearly every object
        names.remove("status");
        return names;
    }

    private static Stream<Path> sources(String artefact) {
        Path root = Path.of(artefact, "src/main/java/io/insula/tenantapi");
        return GENERIC.stream()
                .map(root::resolve)
                .filter(Files::isDirectory)
                .flatMap(folder -> filesIn(folder).stream());
    }

    private static List<Path> filesIn(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(".java")).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Set<String> literals(Path file) {
        try {
            String code = COMMENT.matcher(Files.readString(file)).replaceAll("");
            var all = new HashSet<String>();
            LITERAL.matcher(code).results().forEach(match -> all.add(match.group(1)));
            return all;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
