package io.insula.controlplane.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.URI;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The commands that there are, by the index of beans that the compiler writes. The container that usually reads it is
/// not started: that, with the logging it wants, takes several times as long as all else that a short command does.
final class CommandIndex {

    /// A file for each bean, named as the bean's definition. Source: Micronaut, `micronaut-inject-java`.
    private static final String INDEX = "META-INF/micronaut/io.micronaut.inject.BeanDefinitionReference/";

    private static final String PACKAGE = CommandIndex.class.getPackageName() + ".";
    private static final Pattern DEFINITION = Pattern.compile(Pattern.quote(PACKAGE) + "\\$(\\w+)\\$Definition");

    private CommandIndex() {}

    /// One of each, new, in no order.
    static List<InsulaCommand> commands() {
        var loader = CommandIndex.class.getClassLoader();
        var found = new ArrayList<InsulaCommand>();
        try {
            for (URL index : Collections.list(loader.getResources(INDEX))) {
                for (String entry : entries(index)) {
                    var definition = DEFINITION.matcher(entry);
                    if (definition.matches()) {
                        found.add(command(Class.forName(PACKAGE + definition.group(1), true, loader)));
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(INDEX, e);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("a command cannot be made", e);
        }
        return found;
    }

    private static InsulaCommand command(Class<?> type) throws ReflectiveOperationException {
        return type.asSubclass(InsulaCommand.class).getDeclaredConstructor().newInstance();
    }

    private static List<String> entries(URL index) throws IOException {
        if (index.openConnection() instanceof JarURLConnection jar) {
            return jar.getJarFile().stream()
                    .map(entry -> entry.getName())
                    .filter(name -> name.startsWith(INDEX))
                    .map(name -> name.substring(INDEX.length()))
                    .toList();
        }
        try (Stream<Path> files = Files.list(Path.of(URI.create(index.toString())))) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }
}
