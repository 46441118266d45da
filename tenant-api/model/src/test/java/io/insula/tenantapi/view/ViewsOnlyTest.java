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

/// What views show is read through them: whoever walks a pod's containers, volumes or tolerations, a workload's
/// selector or template, or the conditions of an object by strings is found here: in the API server, in the control
/// plane with its embedded host, and in the syncer, which has typed models for reading and one place for the names
/// that it writes. The names themselves are looked for, however the tree that they are asked of came about.
class ViewsOnlyTest {

    private static final List<Path> ROOTS =
            List.of(Path.of(".."), Path.of("../../control-plane"), Path.of("../../syncer"));

    private static final Pattern WALKS =
            Pattern.compile("\"(?:containers|(?:init|ephemeral)Containers|(?:init|ephemeral)?[cC]ontainerStatuses"
                    + "|conditions|selector|template)\""
                    // read; whoever makes a pod may write them
                    + "|path\\(\"(?:volumes|tolerations)\"\\)"
                    // the same as a part of a path
                    + "|at\\(\\w+, \"(?:spec\\.(?:selector|template)|status\\.conditions)\\b"
                    + "|\"/(?:spec/(?:selector|template|(?:init|ephemeral)?[cC]ontainers)|status/conditions)\\b");

    /// Files that may, with what they may name.
    private static final Map<String, Set<String>> ALLOWED = Map.ofEntries(
            // the views, and the syncer's names
            Map.entry("Condition.java", Set.of("\"conditions\"")),
            Map.entry("WorkloadView.java", Set.of("\"selector\"", "\"template\"")),
            Map.entry(
                    "ContainerView.java",
                    Set.of(
                            "\"containers\"",
                            "\"initContainers\"",
                            "\"ephemeralContainers\"",
                            "\"containerStatuses\"",
                            "\"initContainerStatuses\"",
                            "\"ephemeralContainerStatuses\"")),
            Map.entry(
                    "PodLists.java",
                    Set.of(
                            "\"containers\"",
                            "\"initContainers\"",
                            "\"ephemeralContainers\"",
                            "\"containerStatuses\"",
                            "\"initContainerStatuses\"")),
            Map.entry("Conditions.java", Set.of("\"conditions\"")),
            // pods and templates alike, in an artefact that knows no view
            Map.entry(
                    "JsonPods.java",
                    Set.of("\"containers\"", "\"initContainers\"", "\"ephemeralContainers\"", "path(\"volumes\")")),
            // the view, and what a RuntimeClass adds
            Map.entry("PodSpecView.java", Set.of("path(\"volumes\")", "path(\"tolerations\")")),
            Map.entry("RuntimeClass.java", Set.of("path(\"tolerations\")")),
            // a node's, written by an agent that knows no view
            Map.entry("NodeObject.java", Set.of("\"conditions\"")),
            // a field of a message, which says how it is written
            Map.entry("ApiRegistrationMessages.java", Set.of("\"conditions\"")),
            // of the statistics of a node
            Map.entry("NodeUsage.java", Set.of("\"containers\"")),
            // a folder
            Map.entry("TerminationMessages.java", Set.of("\"containers\"")),
            Map.entry("NodeMetrics.java", Set.of("\"containers\"")),
            // containers of a PodMetrics, which is no pod
            Map.entry("PodUsage.java", Set.of("\"containers\"")),
            Map.entry("PodMetricsKind.java", Set.of("\"containers\"")),
            Map.entry("HostMetrics.java", Set.of("\"containers\"")),
            // at the top of a PodTemplate, and only to be told of
            Map.entry("PodTemplateKind.java", Set.of("\"template\"")),
            // which fields of the host's Service are the tenant's alone
            Map.entry("ServiceSyncer.java", Set.of("\"/spec/selector")),
            // what selects a volume, parameters, and, as one text, the pods of a Scale
            Map.entry("Matching.java", Set.of("\"selector\"")),
            Map.entry("Params.java", Set.of("\"selector\"")),
            Map.entry("ValidatingAdmissionPolicyBindingKind.java", Set.of("\"selector\"")),
            Map.entry("Scales.java", Set.of("\"selector\"")),
            // conditions of an endpoint (an object), of a row of a table, and of who is let in without a name
            Map.entry("EndpointSliceController.java", Set.of("\"conditions\"")),
            Map.entry("EndpointSliceMirroring.java", Set.of("\"conditions\"")),
            Map.entry("Availability.java", Set.of("\"conditions\"")),
            Map.entry("ServerObjects.java", Set.of("\"conditions\"")),
            Map.entry("ServiceEndpoints.java", Set.of("\"conditions\"")),
            Map.entry("ProxyStreams.java", Set.of("\"conditions\"")),
            Map.entry("TableRenderer.java", Set.of("\"conditions\"")),
            Map.entry("ConfigReader.java", Set.of("\"conditions\"")),
            Map.entry("ConfigFields.java", Set.of("\"conditions\"")));

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
    void aLocalVariableHidesNothing() {
        assertThat(List.of(
                        "JsonNode spec = object.path(\"spec\"); spec.path(\"selector\")",
                        "String field = \"containers\"; for (JsonNode one : spec.path(field)) {",
                        "status.withArray(\"conditions\")",
                        "object.at(\"/spec/template/spec/containers\")",
                        "spec.get(\"initContainers\")",
                        "pod.path(\"spec\").path(\"volumes\")"))
                .allMatch(line -> WALKS.matcher(line).find());
        assertThat("checks.add(\"spec.selector\", \"a template has no conditions\")")
                .doesNotContainPattern(WALKS);
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
