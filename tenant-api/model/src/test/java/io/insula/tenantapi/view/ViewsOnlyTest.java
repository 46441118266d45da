package io.insula.tenantapi.view;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// What views show is read through them: whoever walks a pod's containers, a workload's selector or template, or the
/// conditions of an object by strings is found here: in the API server, in the control plane with its embedded host,
/// and in
/// the syncer, which has typed models for reading and names fields only where it writes a patch.
class ViewsOnlyTest {

    private static final List<Path> ROOTS =
            List.of(Path.of(".."), Path.of("../../control-plane"), Path.of("../../syncer"));

    private static final Pattern WALKS = Pattern.compile(
            "\"(?:init|ephemeral)Containers\"|\"(?:init|ephemeral)?[cC]ontainerStatuses\"|path\\(\"containers\"\\)"
                    + "|\"spec\"\\)\\s*\\.path\\(\"(?:selector|template)\"|\"status\"\\)\\s*\\.path\\(\"conditions\""
                    // the same as one path
                    + "|at\\(\\w+, \"(?:spec\\.(?:selector|template)|status\\.conditions)\\b"
                    + "|at\\(\"/(?:spec/(?:selector|template)|status/conditions)\\b");

    /// Files that may, with what they may name.
    private static final Map<String, Set<String>> ALLOWED = Map.of(
            "Condition.java",
            Set.of("\"status\").path(\"conditions\""),
            "ContainerView.java",
            Set.of(
                    "\"initContainers\"",
                    "\"ephemeralContainers\"",
                    "\"containerStatuses\"",
                    "\"initContainerStatuses\"",
                    "\"ephemeralContainerStatuses\""),
            // containers of a PodMetrics, which is no pod
            "PodUsage.java",
            Set.of("path(\"containers\")"),
            // Pod Security, of pods and templates alike, has a table of its own
            "JsonPods.java",
            Set.of("\"initContainers\"", "\"ephemeralContainers\""),
            "PodSecurity.java",
            Set.of("\"spec\").path(\"template\""),
            // patches of what a running pod may still change, and of its status
            "SpecUpdates.java",
            Set.of("\"initContainers\"", "\"ephemeralContainers\""),
            "PodUpdates.java",
            Set.of("\"initContainers\""),
            "HostStatus.java",
            Set.of("\"containerStatuses\"", "\"initContainerStatuses\""),
            // a claim's selector of volumes
            "Matching.java",
            Set.of("\"spec\").path(\"selector\""));

    @Test
    void nobodyWalksByStringsWhatAViewShows() {
        var found = new TreeMap<String, Set<String>>();
        ROOTS.stream().flatMap(root -> sources(root).stream()).forEach(file -> {
            var walks = new TreeSet<String>();
            WALKS.matcher(read(file))
                    .results()
                    .map(MatchResult::group)
                    .map(walk -> walk.replaceAll("\\s", ""))
                    .forEach(walks::add);
            walks.removeAll(ALLOWED.getOrDefault(file.getFileName().toString(), Set.of()));
            if (!walks.isEmpty()) {
                found.put(file.toString(), walks);
            }
        });
        assertThat(found).isEmpty();
    }

    @Test
    void looksAtAllArtefacts() {
        assertThat(ROOTS.stream()
                        .flatMap(root -> sources(root).stream())
                        .map(file -> file.getFileName().toString()))
                .contains(
                        "PodRules.java",
                        "LimitRanger.java",
                        "JobPods.java",
                        "PodLife.java",
                        "ContainerView.java",
                        "TenantCommands.java",
                        "PodTranslator.java");
    }

    private static List<Path> sources(Path root) {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> file.toString().contains("/src/main/java/"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
