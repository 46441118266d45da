package io.insula.it.backend;

import io.insula.controlplane.process.BrokerClassPath;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Container images made from this machine's own files and imported into the engine: no registry is asked.
/// Each holds one program, the libraries that `ldd` names for it, and nothing else. (A Dockerfile `FROM
/// scratch` would make Testcontainers try to pull `scratch` for minutes.)
final class Images {

    private static final Pattern LIBRARY = Pattern.compile("(/\\S+\\.so\\S*)");
    private static final Path JAVA_HOME = Path.of(System.getProperty("java.home"));

    private Images() {}

    /// etcd from Debian's package, as `/usr/bin/etcd`. Answers the image's name.
    static String etcd(Path etcd) {
        var files = new LinkedHashSet<>(libraries(etcd));
        files.add(etcd);
        return imported("insula-test/etcd", files);
    }

    /// This JVM and the jars of a broker, all where they stand on this machine. Answers the image's name.
    static String kafka() {
        var files = new LinkedHashSet<>(libraries(JAVA_HOME.resolve("bin/java")));
        for (String name : List.of("lib/server/libjvm.so", "lib/libnio.so", "lib/libnet.so", "lib/libzip.so")) {
            files.addAll(libraries(JAVA_HOME.resolve(name)));
        }
        Stream.of("bin", "lib", "conf").map(JAVA_HOME::resolve).forEach(files::add);
        Stream.of(BrokerClassPath.given().jars().split(File.pathSeparator, -1))
                .map(Path::of)
                .forEach(files::add);
        return imported("insula-test/kafka", files);
    }

    /// A tar of the files, links followed, through `docker import`.
    private static String imported(String name, Set<Path> files) {
        var tar = new ArrayList<>(List.of("tar", "--create", "--dereference", "--directory=/", "--file=-", "--"));
        files.forEach(file -> tar.add(file.toString().substring(1)));
        try {
            List<Process> pipeline = ProcessBuilder.startPipeline(List.of(
                    new ProcessBuilder(tar).redirectError(ProcessBuilder.Redirect.DISCARD),
                    new ProcessBuilder("docker", "import", "-", name + ":latest").redirectErrorStream(true)));
            Process docker = pipeline.getLast();
            String out = new String(docker.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!docker.waitFor(120, TimeUnit.SECONDS) || docker.exitValue() != 0) {
                throw new IllegalStateException("docker import " + name + ": " + out);
            }
            return name + ":latest";
        } catch (IOException e) {
            throw new IllegalStateException("docker import " + name, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private static Set<Path> libraries(Path program) {
        try {
            Process ldd = new ProcessBuilder("ldd", program.toString())
                    .redirectErrorStream(true)
                    .start();
            String out = new String(ldd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!ldd.waitFor(20, TimeUnit.SECONDS)) {
                throw new IllegalStateException("ldd did not end: " + program);
            }
            return LIBRARY.matcher(out)
                    .results()
                    .map(match -> Path.of(match.group(1)))
                    .filter(path -> !path.startsWith(JAVA_HOME))
                    .collect(Collectors.toCollection(LinkedHashSet::new));
        } catch (IOException e) {
            throw new IllegalStateException("ldd: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
