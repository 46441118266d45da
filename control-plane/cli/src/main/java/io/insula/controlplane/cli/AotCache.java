package io.insula.controlplane.cli;

import io.insula.controlplane.service.ServiceMain;
import io.insula.rules.digest.Sha256;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The service's ahead-of-time cache: what the JVM has loaded, linked and learned of its methods in a run that
/// [Training] made. Its name holds all that it is bound to (the JDK, each jar, the JVM's flags), so that another one
/// is never taken for it; the JVM checks by itself, too, and then runs without. Source: JEP 483, 514, 515.
///
/// @param folder holds no other caches than those of one installation's builds
/// @param file may not be there yet
record AotCache(Path folder, Path file) {

    private static final String PROPERTY = "insula.aot.folder";
    private static final String PREFIX = "service-";
    private static final String SUFFIX = ".aot";

    /// A cache that does not fit is nothing that a user could or should act on.
    private static final List<String> QUIET = List.of("-Xlog:aot=off", "-Xlog:cds=off");

    /// That of this JVM's class path, in the folder that the system property `insula.aot.folder` names. Empty where it
    /// names none, or where the class path holds folders, of which no cache can be made.
    static Optional<AotCache> given() {
        String folder = System.getProperty(PROPERTY, "");
        List<Path> classPath = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                .map(Path::of)
                .toList();
        return folder.isEmpty() || !classPath.stream().allMatch(Files::isRegularFile)
                ? Optional.empty()
                : Optional.of(of(Path.of(folder).toAbsolutePath(), classPath, ServiceMain.jvmArguments()));
    }

    static AotCache of(Path folder, List<Path> classPath, List<String> flags) {
        var bound = new StringBuilder();
        Stream.of("java.vm.version", "java.vm.vendor", "java.home", "os.arch")
                .forEach(name -> bound.append(System.getProperty(name)).append('\n'));
        flags.forEach(flag -> bound.append(flag).append('\n'));
        classPath.forEach(jar -> bound.append(identity(jar)).append('\n'));
        return new AotCache(folder, folder.resolve(PREFIX + Sha256.hex(bound.toString(), 8) + SUFFIX));
    }

    /// The property that gives another JVM the same, none where this one has none.
    static List<String> property() {
        String folder = System.getProperty(PROPERTY, "");
        return folder.isEmpty() ? List.of() : List.of("-D" + PROPERTY + "=" + folder);
    }

    boolean exists() {
        return Files.exists(file);
    }

    /// Flags of a JVM that uses it; none where it is not there.
    List<String> using() {
        return exists()
                ? Stream.concat(Stream.of("-XX:AOTCache=" + file), QUIET.stream())
                        .toList()
                : List.of();
    }

    /// Flags of a JVM that makes it, in a folder of its own, when it ends.
    List<String> making() {
        return Stream.concat(Stream.of("-XX:AOTCacheOutput=" + unfinished()), QUIET.stream())
                .toList();
    }

    /// Where it is until it is whole.
    Path unfinished() {
        return workFolder().resolve("cache" + SUFFIX);
    }

    /// Holds what the JVM needs to make it, too, which one that is killed leaves.
    Path workFolder() {
        return file.resolveSibling(file.getFileName() + ".new");
    }

    /// Held (locked) by whoever makes it.
    Path lock() {
        return folder.resolve(PREFIX + "training.lock");
    }

    /// Those of other class paths or JDKs.
    List<Path> others() throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(other -> other.getFileName().toString().startsWith(PREFIX))
                    .filter(other -> other.toString().endsWith(SUFFIX) && !other.equals(file))
                    .toList();
        }
    }

    private static String identity(Path jar) {
        try {
            return jar + " " + Files.size(jar) + " " + Files.getLastModifiedTime(jar);
        } catch (IOException e) {
            throw new UncheckedIOException(jar.toString(), e);
        }
    }
}
