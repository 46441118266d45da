package io.insula.controlplane.process;

import io.insula.process.ChildException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What the Kafka broker's JVM runs: jars of its own, none of which is on the class path of the JVM that holds the
/// tenants' keys. The system property `insula.kafka.classpath` names it, as `java -cp` takes it, or as `@FILE`, a file
/// that holds it.
///
/// @param jars as `java -cp` takes them, by absolute names, as a broker runs in its own folder
/// @param archive where its JVM keeps the classes that it has loaded, for the next one; none where no file beside
///     which it could be names the jars
public record BrokerClassPath(String jars, Optional<Path> archive) {

    private static final String PROPERTY = "insula.kafka.classpath";

    /// The one that this JVM was given.
    ///
    /// @throws ChildException when it was given none, or one that cannot be read
    public static BrokerClassPath given() {
        return of(System.getProperty(PROPERTY));
    }

    /// Arguments by which a JVM is given the same as this one, none where this one has none.
    public static List<String> jvmArguments() {
        String setting = System.getProperty(PROPERTY);
        return setting == null ? List.of() : List.of("-D" + PROPERTY + "=" + setting);
    }

    static BrokerClassPath of(@Nullable String setting) {
        if (setting == null || setting.isBlank()) {
            throw new ChildException("there is no Kafka broker to start: start by the launcher `insula`, name the"
                    + " broker's jars by -D" + PROPERTY + ", or use a Kafka that you have by --kafka-bootstrap");
        }
        Optional<Path> file = setting.startsWith("@")
                ? Optional.of(Path.of(setting.substring(1)).toAbsolutePath())
                : Optional.empty();
        String jars = file.map(BrokerClassPath::read).orElse(setting);
        for (String entry : jars.split(File.pathSeparator, -1)) {
            if (!Path.of(entry).isAbsolute()) {
                throw new ChildException("-D" + PROPERTY + ": \"" + entry + "\" (expected: an absolute name)");
            }
        }
        return new BrokerClassPath(jars, file.map(named -> named.resolveSibling(named.getFileName() + ".jsa")));
    }

    /// Flags of a JVM of these jars that loads classes from the archive where there is one. The JVM looks by itself
    /// whether that fits, and goes without it where it does not. Source: JEP 350.
    List<String> sharing() {
        return archive.filter(Files::exists).map(BrokerClassPath::flags).orElse(List.of());
    }

    /// The same of one that also makes the archive anew, when it ends, where there is none that fits. Source:
    /// JDK-8261455.
    List<String> keeping() {
        return archive.filter(file -> Files.isWritable(file.resolveSibling("")))
                .map(file -> Stream.concat(Stream.of("-XX:+AutoCreateSharedArchive"), flags(file).stream())
                        .toList())
                .orElseGet(this::sharing);
    }

    /// What the JVM would say of one that does not fit is nothing that a user could act on.
    private static List<String> flags(Path file) {
        return List.of("-XX:SharedArchiveFile=" + file, "-Xlog:cds*=off", "-Xlog:aot*=off");
    }

    private static String read(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new ChildException("-D" + PROPERTY + ": cannot read " + file + " (" + e + ")", e);
        }
    }
}
