package io.insula.controlplane.process;

import io.insula.process.ChildException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the Kafka broker's JVM runs: jars of its own, none of which is on the class path of the JVM that holds the
/// tenants' keys. The system property `insula.kafka.classpath` names it, as `java -cp` takes it, or as `@FILE`, a file
/// that holds it.
///
/// @param jars as `java -cp` takes them, by absolute names, as a broker runs in its own folder
public record BrokerClassPath(String jars) {

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
        String jars = setting.startsWith("@") ? read(Path.of(setting.substring(1))) : setting;
        for (String entry : jars.split(File.pathSeparator, -1)) {
            if (!Path.of(entry).isAbsolute()) {
                throw new ChildException("-D" + PROPERTY + ": \"" + entry + "\" (expected: an absolute name)");
            }
        }
        return new BrokerClassPath(jars);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new ChildException("-D" + PROPERTY + ": cannot read " + file + " (" + e + ")", e);
        }
    }
}
