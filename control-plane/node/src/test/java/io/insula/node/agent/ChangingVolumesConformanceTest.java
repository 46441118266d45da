package io.insula.node.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.insula.tenantapi.conformance.Conformance;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;

/// What a pod that runs sees of changes: one pod mounts ConfigMaps, Secrets and what is told of the pod, by volumes of
/// their own and by projected ones, and all change at once before it is asked.
@ExtendWith(SharedNode.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(OrderAnnotation.class)
final class ChangingVolumesConformanceTest {

    private static final String NODE = " [NodeConformance] [Conformance]";
    private static final List<String> KINDS = List.of("map", "pmap", "secret", "psecret");
    private static final List<String> FATES = List.of("deleted", "changed", "created");

    private final TestNode node;
    private String before = "";

    ChangingVolumesConformanceTest(TestNode node) {
        this.node = node;
    }

    @BeforeAll
    void changeAll() {
        for (String fate : List.of("deleted", "changed")) {
            node.configMap(fate, Map.of("data-1", "value-1"), Map.of());
            node.secret(TestNode.NAMESPACE, fate, Map.of("data-1", "value-1"));
        }
        String volumes = KINDS.stream()
                .flatMap(kind -> FATES.stream().map(fate -> volume(kind, fate)))
                .collect(Collectors.joining(", "));
        String mounts = Stream.concat(
                        KINDS.stream().flatMap(kind -> FATES.stream().map(fate -> kind + "-" + fate)),
                        Stream.of("down", "pdown"))
                .map(name -> "{name: %s, mountPath: /v/%s, readOnly: true}".formatted(name, name))
                .collect(Collectors.joining(", "));
        String items = "items: [{path: labels, fieldRef: {fieldPath: metadata.labels}}, {path: annotations, fieldRef:"
                + " {fieldPath: metadata.annotations}}]";
        node.create("changing", Map.of("builder", "bar"), """
                {terminationGracePeriodSeconds: 0, volumes: [%s, {name: down, downwardAPI: {%s}}, {name: pdown, projected: {sources:
                 [{downwardAPI: {%s}}]}}], containers: [{name: main, image: IMAGE, command: [sleep, '10000'], volumeMounts: [%s]}]}
                """.formatted(volumes, items, items, mounts));
        node.awaitReady("changing");
        label("key1", "value1");
        Stream.of("down", "pdown")
                .forEach(kind -> node.exec("changing", "main", says(kind + "/labels", "key1=.value1")));
        before = node.exec("changing", "main", "find -L /v -type f | grep -v [.][.] | sort; cat /v/*down/annotations");
        change();
    }

    private static String volume(String kind, String fate) {
        String source = switch (kind) {
            case "map" -> "configMap: {name: %s, optional: true}";
            case "secret" -> "secret: {secretName: %s, optional: true}";
            case "pmap" -> "projected: {sources: [{configMap: {name: %s, optional: true}}]}";
            default -> "projected: {sources: [{secret: {name: %s, optional: true}}]}";
        };
        return "{name: %s-%s, %s}".formatted(kind, fate, source.formatted(fate));
    }

    private void change() {
        map("deleted").delete();
        secret("deleted").delete();
        map("changed")
                .edit(map -> new ConfigMapBuilder(map)
                        .withData(Map.of("data-3", "value-3"))
                        .build());
        secret("changed")
                .edit(secret -> new SecretBuilder(secret)
                        .withData(Map.of())
                        .withStringData(Map.of("data-3", "value-3"))
                        .build());
        node.configMap("created", Map.of("data-1", "value-1"), Map.of());
        node.secret(TestNode.NAMESPACE, "created", Map.of("data-1", "value-1"));
    }

    private Resource<ConfigMap> map(String name) {
        return node.client().configMaps().inNamespace(TestNode.NAMESPACE).withName(name);
    }

    private Resource<Secret> secret(String name) {
        return node.client().secrets().inNamespace(TestNode.NAMESPACE).withName(name);
    }

    private void label(String key, String value) {
        node.client()
                .pods()
                .inNamespace(TestNode.NAMESPACE)
                .withName("changing")
                .edit(pod -> new PodBuilder(pod)
                        .editMetadata()
                        .addToLabels(key, value)
                        .endMetadata()
                        .build());
    }

    @AfterAll
    void end() {
        node.end("changing");
    }

    private static String says(String file, String pattern) {
        return "grep -q '%s' /v/%s".formatted(pattern, file);
    }

    /// First: a change of the pod would bring the others with it.
    @Test
    @Order(1)
    @Conformance(
            value = {
                "[sig-storage] ConfigMap updates should be reflected in volume" + NODE,
                "[sig-storage] ConfigMap optional updates should be reflected in volume" + NODE,
                "[sig-storage] Projected configMap updates should be reflected in volume" + NODE,
                "[sig-storage] Projected configMap optional updates should be reflected in volume" + NODE,
                "[sig-storage] Secrets optional updates should be reflected in volume" + NODE,
                "[sig-storage] Projected secret optional updates should be reflected in volume" + NODE
            },
            weaker = Conformance.NOTHING)
    void followConfigMapsAndSecrets() {
        for (String kind : KINDS) {
            assertThat(before)
                    .contains("/v/" + kind + "-deleted/data-1\n", "/v/" + kind + "-changed/data-1\n")
                    .doesNotContain("data-3", "created");
        }
        for (String kind : KINDS) {
            String at = "/v/" + kind + "-";
            node.exec("changing", "main", "test ! -e " + at + "deleted/data-1");
            node.exec("changing", "main", says(kind + "-changed/data-3", "^value-3"));
            node.exec("changing", "main", "test ! -e " + at + "changed/data-1");
            node.exec("changing", "main", says(kind + "-created/data-1", "^value-1"));
        }
    }

    @Test
    @Order(2)
    @Conformance(
            value = {
                "[sig-storage] Downward API volume should update labels on modification" + NODE,
                "[sig-storage] Downward API volume should update annotations on modification" + NODE,
                "[sig-storage] Projected downwardAPI should update labels on modification" + NODE,
                "[sig-storage] Projected downwardAPI should update annotations on modification" + NODE
            },
            weaker = Conformance.NOTHING)
    void followThePod() {
        assertThat(before).contains("builder=\"bar\"").doesNotContain("foo");
        label("key3", "value3");
        node.client()
                .pods()
                .inNamespace(TestNode.NAMESPACE)
                .withName("changing")
                .edit(pod -> new PodBuilder(pod)
                        .editMetadata()
                        .addToAnnotations("builder", "foo")
                        .endMetadata()
                        .build());
        for (String kind : List.of("down", "pdown")) {
            node.exec("changing", "main", says(kind + "/labels", "^key3=\"value3\"$"));
            node.exec("changing", "main", says(kind + "/annotations", "^builder=\"foo\"$"));
        }
    }
}
