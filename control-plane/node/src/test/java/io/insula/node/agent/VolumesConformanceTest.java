package io.insula.node.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.insula.tenantapi.conformance.Conformance;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/// What upstream's conformance tests find in the volumes of pods, each in a pod of its own. Here three pods
/// mount all of them, as root, as somebody, and as somebody of the volumes' group; each prints what it can read
/// of each file.
@ExtendWith(SharedNode.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class VolumesConformanceTest {

    private static final String NODE = " [NodeConformance] [Conformance]";
    private static final String LINUX = " [LinuxOnly]" + NODE;
    private static final String MAP = "[sig-storage] ConfigMap ";
    private static final String PROJECTED_MAP = "[sig-storage] Projected configMap ";
    private static final String SECRET = "[sig-storage] Secrets ";
    private static final String PROJECTED_SECRET = "[sig-storage] Projected secret ";
    private static final String DOWNWARD = "[sig-storage] Downward API volume ";
    private static final String PROJECTED_DOWNWARD = "[sig-storage] Projected downwardAPI ";
    private static final String SUBPATH = "[sig-storage] Subpath Atomic writer volumes should support subpaths with ";

    /// Of the names in the paths: kinds of volumes.
    private static final List<String> KINDS = List.of("map", "pmap", "secret", "psecret");

    private static final String SHOW = "for f in $(find -L /v -type f | grep -v -e [.][.] -e dump); do echo $f"
            + " $(stat -L -c %A $f) $(cat $f); done";

    private final TestNode node;
    private String root = "";
    private String somebody = "";
    private String member = "";

    VolumesConformanceTest(TestNode node) {
        this.node = node;
    }

    @BeforeAll
    void runPods() {
        Map<String, String> data = Map.of("data-1", "value-1", "data-2", "value-2", "data-3", "value-3");
        node.configMap("volumes", data, Map.of("dump.bin", new byte[] {
            (byte) 0xde, (byte) 0xca, (byte) 0xfe, (byte) 0xba, (byte) 0xd0, (byte) 0xfe, (byte) 0xff
        }));
        node.secret("elsewhere", "volumes", Map.of("data-1", "of somebody else"));
        node.secret(TestNode.NAMESPACE, "volumes", data);
        node.create("volumes-root", rootPod());
        node.create("volumes-somebody", """
                {restartPolicy: Never, securityContext: {runAsUser: 1000}, volumes: [%s], containers: [{name: main, image: IMAGE,
                 command: [sh, -c, "%s"], volumeMounts: [%s]}]}
                """.formatted(volumes("plain", "mapped"), SHOW, mounts("plain", "mapped")));
        node.create("volumes-member", """
                {restartPolicy: Never, securityContext: {runAsUser: 1000, fsGroup: 1001}, volumes: [%s], containers: [{name: main, image: IMAGE,
                 command: [sh, -c, "%s"], volumeMounts: [%s]}]}
                """.formatted(volumes("group"), SHOW, mounts("group")));
        root = said("volumes-root");
        somebody = said("volumes-somebody");
        member = said("volumes-member");
    }

    private String said(String pod) {
        node.awaitPhase(pod, "Succeeded");
        return node.log(pod, "main");
    }

    @AfterAll
    void end() {
        node.end("volumes-root", "volumes-somebody", "volumes-member");
    }

    private static String rootPod() {
        String all = "{name: all, projected: {sources: [{downwardAPI: {items: [{path: podname, fieldRef: {fieldPath:"
                + " metadata.name}}]}}, {secret: {name: volumes, items: [{key: data-1, path: secret}]}}, {configMap: {name:"
                + " volumes, items: [{key: data-1, path: projected/map}]}}]}}";
        return """
                {restartPolicy: Never, volumes: [%s, %s, %s], containers: [
                 {name: main, image: IMAGE, command: [sh, -c, "%s"], volumeMounts: [%s, %s, {name: all, mountPath: /v/all},
                   {name: secret-plain, mountPath: /s/secret, subPath: data-1}, {name: map-plain, mountPath: /s/map, subPath: data-2},
                   {name: map-plain, mountPath: /etc/resolv.conf, subPath: data-3}, {name: down-plain, mountPath: /s/down, subPath: podname},
                   {name: all, mountPath: /s/projected, subPath: projected/map}],
                  resources: {requests: {cpu: 250m, memory: 32Mi}, limits: {cpu: 1250m, memory: 128Mi}}},
                 {name: free, image: IMAGE, command: ['true']}]}
                """.formatted(
                        volumes("plain", "second", "mode", "mapped", "mapmode"),
                        downVolumes(),
                        all,
                        SHOW + "; hexdump -C /v/map-plain/dump.bin; cat /etc/resolv.conf /s/*",
                        mounts("plain", "second", "mode", "mapped", "mapmode"),
                        Stream.of("down", "pdown")
                                .flatMap(kind -> Stream.of("plain", "mode", "itemmode")
                                        .map(variant -> mount(kind + "-" + variant)))
                                .collect(Collectors.joining(", ")));
    }

    /// Of all kinds in some variants.
    private static String volumes(String... variants) {
        return KINDS.stream()
                .flatMap(kind -> Stream.of(variants).map(variant -> volume(kind, variant)))
                .collect(Collectors.joining(", "));
    }

    private static String mounts(String... variants) {
        return KINDS.stream()
                .flatMap(kind -> Stream.of(variants).map(variant -> mount(kind + "-" + variant)))
                .collect(Collectors.joining(", "));
    }

    private static String mount(String name) {
        return "{name: %s, mountPath: /v/%s, readOnly: true}".formatted(name, name);
    }

    private static String volume(String kind, String variant) {
        String mode = switch (variant) {
            case "mode" -> ", defaultMode: 0400";
            case "group" -> ", defaultMode: 0440";
            default -> "";
        };
        String items = switch (variant) {
            case "mapped" -> mapping("");
            case "mapmode" -> mapping(", mode: 0400");
            default -> "";
        };
        String source = switch (kind) {
            case "map" -> "configMap: {name: volumes%s%s}".formatted(mode, items);
            case "secret" -> "secret: {secretName: volumes%s%s}".formatted(mode, items);
            case "pmap" -> "projected: {sources: [{configMap: {name: volumes%s}}]%s}".formatted(items, mode);
            default -> "projected: {sources: [{secret: {name: volumes%s}}]%s}".formatted(items, mode);
        };
        return "{name: %s-%s, %s}".formatted(kind, variant, source);
    }

    private static String mapping(String mode) {
        return ", items: [{key: data-2, path: path/to/data-2%s}]".formatted(mode);
    }

    private static String downVolumes() {
        return Stream.of("plain", "mode", "itemmode")
                .flatMap(variant -> {
                    String items = told(variant.equals("itemmode") ? ", mode: 0400" : "");
                    String mode = variant.equals("mode") ? ", defaultMode: 0400" : "";
                    return Stream.of(
                            "{name: down-%s, downwardAPI: {%s%s}}".formatted(variant, items, mode),
                            "{name: pdown-%s, projected: {sources: [{downwardAPI: {%s}}]%s}}"
                                    .formatted(variant, items, mode));
                })
                .collect(Collectors.joining(", "));
    }

    private static String told(String mode) {
        return """
            items: [
             {path: podname, fieldRef: {fieldPath: metadata.name}%s},
             {path: cpu_limit, resourceFieldRef: {containerName: main, resource: limits.cpu}},
             {path: cpu_request, resourceFieldRef: {containerName: main, resource: requests.cpu}},
             {path: memory_limit, resourceFieldRef: {containerName: main, resource: limits.memory}},
             {path: memory_request, resourceFieldRef: {containerName: main, resource: requests.memory}},
             {path: cpu_default, resourceFieldRef: {containerName: free, resource: limits.cpu}},
             {path: memory_default, resourceFieldRef: {containerName: free, resource: limits.memory}}]""".formatted(mode);
    }

    private static void assertSays(String log, String... files) {
        assertThat(log.lines()).contains(files);
    }

    @Test
    @Conformance(
            value = {
                MAP + "should be consumable from pods in volume" + NODE,
                PROJECTED_MAP + "should be consumable from pods in volume" + NODE,
                SECRET + "should be consumable from pods in volume" + NODE,
                SECRET
                        + "should be able to mount in a volume regardless of a different secret existing with same name in"
                        + " different namespace" + NODE,
                PROJECTED_SECRET + "should be consumable from pods in volume" + NODE,
                "[sig-storage] EmptyDir wrapper volumes should not conflict [Conformance]"
            },
            weaker = Conformance.NOTHING)
    void readsWhatTheyHold() {
        for (String kind : KINDS) {
            assertSays(root, "/v/" + kind + "-plain/data-1 -rw-r--r-- value-1");
        }
    }

    @Test
    @Conformance(
            value = {
                MAP + "should be consumable in multiple volumes in the same pod" + NODE,
                PROJECTED_MAP + "should be consumable in multiple volumes in the same pod" + NODE,
                SECRET + "should be consumable in multiple volumes in a pod" + NODE,
                PROJECTED_SECRET + "should be consumable in multiple volumes in a pod" + NODE
            },
            weaker = Conformance.NOTHING)
    void readsThemTwice() {
        for (String kind : KINDS) {
            assertSays(
                    root,
                    "/v/" + kind + "-plain/data-1 -rw-r--r-- value-1",
                    "/v/" + kind + "-second/data-1 -rw-r--r-- value-1");
        }
    }

    @Test
    @Conformance(
            value = {
                MAP + "should be consumable from pods in volume with defaultMode set" + LINUX,
                PROJECTED_MAP + "should be consumable from pods in volume with defaultMode set" + LINUX,
                SECRET + "should be consumable from pods in volume with defaultMode set" + LINUX,
                PROJECTED_SECRET + "should be consumable from pods in volume with defaultMode set" + LINUX
            },
            weaker = Conformance.NOTHING)
    void keepsTheModeOfTheVolume() {
        for (String kind : KINDS) {
            assertSays(root, "/v/" + kind + "-mode/data-1 -r-------- value-1");
        }
    }

    @Test
    @Conformance(
            value = {
                MAP + "should be consumable from pods in volume with mappings" + NODE,
                PROJECTED_MAP + "should be consumable from pods in volume with mappings" + NODE,
                SECRET + "should be consumable from pods in volume with mappings" + NODE,
                PROJECTED_SECRET + "should be consumable from pods in volume with mappings" + NODE
            },
            weaker = Conformance.NOTHING)
    void putsKeysWhereItIsTold() {
        for (String kind : KINDS) {
            assertSays(root, "/v/" + kind + "-mapped/path/to/data-2 -rw-r--r-- value-2");
            assertThat(root).doesNotContain("/v/" + kind + "-mapped/data-");
        }
    }

    @Test
    @Conformance(
            value = {
                MAP + "should be consumable from pods in volume with mappings and Item mode set" + LINUX,
                PROJECTED_MAP + "should be consumable from pods in volume with mappings and Item mode set" + LINUX,
                SECRET + "should be consumable from pods in volume with mappings and Item Mode set" + LINUX,
                PROJECTED_SECRET + "should be consumable from pods in volume with mappings and Item Mode set" + LINUX
            },
            weaker = Conformance.NOTHING)
    void keepsTheModeOfAnItem() {
        for (String kind : KINDS) {
            assertSays(root, "/v/" + kind + "-mapmode/path/to/data-2 -r-------- value-2");
        }
    }

    @Test
    @Conformance(
            value = {
                MAP + "should be consumable from pods in volume as non-root" + NODE,
                MAP + "should be consumable from pods in volume with mappings as non-root" + NODE,
                PROJECTED_MAP + "should be consumable from pods in volume as non-root" + NODE,
                PROJECTED_MAP + "should be consumable from pods in volume with mappings as non-root" + NODE
            },
            weaker = Conformance.NOTHING)
    void letsSomebodyRead() {
        for (String kind : List.of("map", "pmap")) {
            assertSays(
                    somebody,
                    "/v/" + kind + "-plain/data-1 -rw-r--r-- value-1",
                    "/v/" + kind + "-mapped/path/to/data-2 -rw-r--r-- value-2");
        }
    }

    @Test
    @Conformance(
            value = {
                SECRET + "should be consumable from pods in volume as non-root with defaultMode and fsGroup set"
                        + LINUX,
                PROJECTED_SECRET
                        + "should be consumable from pods in volume as non-root with defaultMode and fsGroup set"
                        + LINUX
            },
            weaker = Conformance.NOTHING)
    void letsTheVolumesGroupRead() {
        for (String kind : List.of("secret", "psecret")) {
            assertSays(member, "/v/" + kind + "-group/data-1 -r--r----- value-1");
        }
    }

    @Test
    @Conformance(value = MAP + "binary data should be reflected in volume" + NODE, weaker = Conformance.NOTHING)
    void keepsBytes() {
        assertSays(root, "/v/map-plain/data-1 -rw-r--r-- value-1");
        assertThat(root).contains("de ca fe ba d0 fe ff");
    }

    @Test
    @Conformance(
            value = "[sig-storage] Projected combined should project all components that make up the projection API"
                    + " [Projection]" + NODE,
            weaker = Conformance.NOTHING)
    void projectsAllInOne() {
        assertSays(
                root,
                "/v/all/podname -rw-r--r-- volumes-root",
                "/v/all/secret -rw-r--r-- value-1",
                "/v/all/projected/map -rw-r--r-- value-1");
    }

    @Test
    @Conformance(
            value = {
                SUBPATH + "secret pod [Conformance]",
                SUBPATH + "configmap pod [Conformance]",
                SUBPATH + "configmap pod with mountPath of existing file [Conformance]",
                SUBPATH + "downward pod [Conformance]",
                SUBPATH + "projected pod [Conformance]"
            },
            weaker = Conformance.NOTHING)
    void mountsOneFileOfAVolume() {
        // of /etc/resolv.conf and of /s/down, map, projected and secret
        assertThat(root).endsWith("value-3volumes-rootvalue-2value-1value-1");
    }

    @Test
    @Conformance(
            value = {
                DOWNWARD + "should provide podname only" + NODE,
                DOWNWARD + "should provide container's cpu limit" + NODE,
                DOWNWARD + "should provide container's cpu request" + NODE,
                DOWNWARD + "should provide container's memory limit" + NODE,
                DOWNWARD + "should provide container's memory request" + NODE,
                PROJECTED_DOWNWARD + "should provide podname only" + NODE,
                PROJECTED_DOWNWARD + "should provide container's cpu limit" + NODE,
                PROJECTED_DOWNWARD + "should provide container's cpu request" + NODE,
                PROJECTED_DOWNWARD + "should provide container's memory limit" + NODE,
                PROJECTED_DOWNWARD + "should provide container's memory request" + NODE
            },
            weaker = Conformance.NOTHING)
    void tellsOfThePod() {
        for (String kind : List.of("down", "pdown")) {
            assertSays(
                    root,
                    "/v/" + kind + "-plain/podname -rw-r--r-- volumes-root",
                    "/v/" + kind + "-plain/cpu_limit -rw-r--r-- 2",
                    "/v/" + kind + "-plain/cpu_request -rw-r--r-- 1",
                    "/v/" + kind + "-plain/memory_limit -rw-r--r-- " + (128 << 20),
                    "/v/" + kind + "-plain/memory_request -rw-r--r-- " + (32 << 20));
        }
    }

    @Test
    @Conformance(
            value = {
                DOWNWARD + "should provide node allocatable (cpu) as default cpu limit if the limit is not set" + NODE,
                DOWNWARD + "should provide node allocatable (memory) as default memory limit if the limit is not set"
                        + NODE,
                PROJECTED_DOWNWARD
                        + "should provide node allocatable (cpu) as default cpu limit if the limit is not set" + NODE,
                PROJECTED_DOWNWARD
                        + "should provide node allocatable (memory) as default memory limit if the limit is not"
                        + " set" + NODE
            },
            weaker = Conformance.NOTHING)
    void tellsWhatTheNodeHasWhereNothingIsLimited() {
        for (String kind : List.of("down", "pdown")) {
            assertSays(
                    root,
                    "/v/" + kind + "-plain/cpu_default -rw-r--r-- 2",
                    "/v/" + kind + "-plain/memory_default -rw-r--r-- " + (4L << 30));
        }
    }

    @Test
    @Conformance(
            value = {
                DOWNWARD + "should set DefaultMode on files" + LINUX,
                DOWNWARD + "should set mode on item file" + LINUX,
                PROJECTED_DOWNWARD + "should set DefaultMode on files" + LINUX,
                PROJECTED_DOWNWARD + "should set mode on item file" + LINUX
            },
            weaker = Conformance.NOTHING)
    void keepsTheModesOfWhatItTells() {
        for (String kind : List.of("down", "pdown")) {
            assertSays(
                    root,
                    "/v/" + kind + "-mode/podname -r-------- volumes-root",
                    "/v/" + kind + "-itemmode/podname -r-------- volumes-root",
                    "/v/" + kind + "-itemmode/cpu_limit -rw-r--r-- 2");
        }
    }
}
