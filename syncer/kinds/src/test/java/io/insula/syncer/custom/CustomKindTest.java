package io.insula.syncer.custom;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What a rule may say, and what none may open.
class CustomKindTest {

    static final Map<String, Object> WIDGET =
            Map.of("group", "example.com", "version", "v1", "kind", "Widget", "plural", "widgets");

    static final Map<String, Object> SNAPSHOT = Map.of(
            "group", "snapshot.storage.k8s.io",
            "version", "v1",
            "kind", "VolumeSnapshot",
            "plural", "volumesnapshots");

    /// Whoever says something about its fields says less than is known.
    @Test
    void readsARuleOfAKnownKindThatSaysNothingOfIt() {
        assertThat(read(SNAPSHOT).getFirst().names())
                .containsExactly(new NamesOf(
                        FieldPath.of("spec.source.persistentVolumeClaimName"), "PersistentVolumeClaim", ""));
        assertThat(read(SNAPSHOT).getFirst().refused())
                .containsExactly(
                        FieldPath.of("spec.source.volumeSnapshotContentName"),
                        FieldPath.of("spec.volumeSnapshotClassName"));
        for (var said : List.of("names", "labels", "selectors", "matchLabels", "refused")) {
            var rule = new LinkedHashMap<>(SNAPSHOT);
            rule.put(said, List.of());
            assertThatThrownBy(() -> read(rule)).hasMessageContaining("nothing of this kind's fields");
        }
        for (var kind : List.of("VolumeSnapshotContent", "Pod")) {
            var rule = new LinkedHashMap<>(SNAPSHOT);
            rule.put("kind", kind);
            assertThatThrownBy(() -> read(rule)).hasMessageStartingWith("rules[0].group: ");
        }
        var contents = new LinkedHashMap<>(SNAPSHOT);
        contents.put("plural", "volumesnapshotcontents");
        assertThatThrownBy(() -> read(contents)).hasMessageStartingWith("rules[0].group: ");
    }

    @Test
    void readsARule() {
        var read = read(with(
                        "names",
                        List.of(
                                Map.of("path", "spec.secrets[*].name", "kind", "Secret"),
                                Map.of(
                                        "path", "spec.peer.name",
                                        "kind", "Widget",
                                        "group", "example.com",
                                        "namespaceField", "namespace")),
                        "labels",
                        List.of("spec.labels"),
                        "selectors",
                        List.of("spec.selector"),
                        "matchLabels",
                        List.of("spec.match")))
                .getFirst();

        assertThat(read.definition()).isEqualTo("widgets.example.com");
        assertThat(read.name()).isEqualTo("Widget.example.com");
        assertThat(read.kind().apiVersion()).isEqualTo("example.com/v1");
        assertThat(read.kind().namespaced()).isTrue();
        assertThat(read.hasStatus()).isTrue();
        assertThat(read.names())
                .containsExactly(
                        new NamesOf(FieldPath.of("spec.secrets[*].name"), "Secret", ""),
                        new NamesOf(FieldPath.of("spec.peer.name"), "Widget.example.com", "namespace"));
        assertThat(read(with("status", "none")).getFirst().hasStatus()).isFalse();
        assertThat(read(with("direction", "down"))).hasSize(1);
    }

    @Test
    void readsARuleThatShows() {
        var read = read(up("hidden", List.of("spec.login"), "annotations", List.of("example.com/default")))
                .getFirst();

        assertThat(read.isUp()).isTrue();
        assertThat(read.kind().namespaced()).isFalse();
        assertThat(read.shown())
                .isEqualTo(new CustomKind.Shown(
                        Map.of("insula.io/shared", "true"),
                        List.of(FieldPath.of("spec.login")),
                        List.of("example.com/default")));
        assertThat(read(up("shared", Map.of("tier", "open"))).getFirst().shown().labels())
                .isEqualTo(Map.of("tier", "open"));
        assertThat(read(up("group", "snapshot.storage.k8s.io", "plural", "volumesnapshotclasses")))
                .hasSize(1);
        assertThat(read(up("group", "gateway.networking.k8s.io", "plural", "gatewayclasses")))
                .hasSize(1);
    }

    /// Of closed groups nothing is shown but what describes the host: contents name the volumes of all tenants.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "snapshot.storage.k8s.io/volumesnapshotcontents",
                "gateway.networking.k8s.io/gateways",
                "rbac.authorization.k8s.io/clusterroles",
                "certificates.k8s.io/certificatesigningrequests",
                "tenancy.insula.io/ingresshosts",
                "tenancy.insula.io/tenants",
                "cilium.io/ciliumidentities",
                "/nodes",
                "/secrets"
            })
    void showsNothingOfAClosedGroup(String resource) {
        var slash = resource.indexOf('/');
        assertThatThrownBy(
                        () -> read(up("group", resource.substring(0, slash), "plural", resource.substring(slash + 1))))
                .hasMessageStartingWith("rules[0].group: ");
    }

    /// Each would give whoever holds the syncer's credential, or a tenant, more than tenants may have.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "apps",
                "batch",
                "policy",
                "rbac.authorization.k8s.io",
                "apiextensions.k8s.io",
                "apiregistration.k8s.io",
                "admissionregistration.k8s.io",
                "networking.k8s.io",
                "metrics.k8s.io",
                "k8s.io",
                "gateway.networking.k8s.io",
                "kubernetes.io",
                "addons.kubernetes.io",
                "tenancy.insula.io",
                "insula.io",
                "more.insula.io",
                "kubevirt.io",
                "cdi.kubevirt.io",
                "cilium.io",
                "crd.projectcalico.org",
                "crd.antrea.io",
                "k8s.ovn.org",
                "kyverno.io",
                "constraints.gatekeeper.sh"
            })
    void refusesAGroupThatIsAWall(String group) {
        assertThatThrownBy(() -> read(with("group", group)))
                .hasMessageStartingWith("rules[0].group: \"" + group + "\"");
    }

    /// What would mean more than one resource, or another one, in a role or in a URL.
    static Stream<Map<String, Object>> smuggled() {
        return Stream.of(
                with("plural", "*"),
                with("plural", "widgets/status"),
                with("plural", "widgets/../pods"),
                with("plural", ""),
                with("plural", "pods?x"),
                with("plural", "Widgets"),
                with("group", "*"),
                with("group", "*.example.com"),
                with("group", "example.com/"),
                with("group", "Example.com"),
                with("group", "a..b"),
                with("group", "rbac.authorization.k8s.io\n"),
                with("version", "v1/namespaces/kube-system"),
                with("version", "*"),
                with("kind", "widget"),
                with("kind", "Wid,get"),
                with("kind", 7));
    }

    @ParameterizedTest
    @MethodSource("smuggled")
    void refusesWhatIsNoName(Map<String, Object> rule) {
        assertThatThrownBy(() -> read(rule)).hasMessageContaining("expected");
    }

    record Wrong(Map<String, Object> rule, String message) {}

    static Stream<Wrong> wrong() {
        return Stream.of(
                new Wrong(with("colour", "red"), "rules[0]: \"colour\" (expected: of direction, group, kind,"),
                new Wrong(
                        with("direction", "sideways"), "rules[0].direction: \"sideways\" (expected: one of down, up)"),
                new Wrong(
                        with("shared", Map.of("a", "b")), "rules[0]: \"shared\" (expected: of direction, group, kind,"),
                new Wrong(up("names", List.of()), "rules[0]: \"names\" (expected: of annotations, direction, group,"),
                new Wrong(up("shared", Map.of()), "rules[0].shared: {} (expected: at least one label"),
                new Wrong(up("shared", Map.of("a", 7)), "rules[0].shared: \"a\" (expected: labels and their values"),
                new Wrong(up("shared", "a=b"), "rules[0].shared: \"a=b\" (expected: an object)"),
                new Wrong(
                        up("hidden", List.of("spec.a[*]")), "rules[0].hidden: \"spec.a[*]\" (expected: paths that end"),
                new Wrong(up("hidden", List.of("metadata.name")), "(expected: a field beside"),
                new Wrong(
                        up("annotations", List.of("insula.io/shown")),
                        "rules[0].annotations: \"insula.io/shown\" (expected: keys of annotations, none of Insula's own)"),
                new Wrong(up("annotations", List.of("a b")), "rules[0].annotations: \"a b\""),
                new Wrong(with("status", "maybe"), "rules[0].status: \"maybe\" (expected: one of up, none)"),
                new Wrong(with("labels", "spec.labels"), "rules[0].labels: \"spec.labels\" (expected: a list)"),
                new Wrong(with("labels", List.of(7)), "rules[0].labels[0]: 7 (expected: a path of fields)"),
                new Wrong(path("spec..name"), "rules[0].labels[0]: \"spec..name\" (expected: names of fields with"),
                new Wrong(path("spec.a[0]"), "rules[0].labels[0]: \"spec.a[0]\" (expected: names of fields with"),
                new Wrong(path("metadata.labels"), "rules[0].labels[0]: \"metadata.labels\" (expected: a field beside"),
                new Wrong(path("metadata.finalizers"), "(expected: a field beside"),
                new Wrong(path("status.name"), "(expected: a field beside"),
                new Wrong(path("kind"), "(expected: a field beside"),
                new Wrong(path("a" + ".a".repeat(40)), "(expected: at most 32 steps)"),
                new Wrong(
                        with("names", List.of(Map.of("path", "spec.node", "kind", "Node"))),
                        "rules[0].names[0].kind: \"Node\" (expected: one of ConfigMap, Ingress, PersistentVolumeClaim, Pod,"
                                + " Secret, Service, or kind and group of one of these rules"),
                new Wrong(
                        with("names", List.of(Map.of("path", "spec.a", "kind", "Gadget", "group", "example.com"))),
                        "rules[0].names[0].kind: \"Gadget.example.com\""),
                new Wrong(
                        with("names", List.of(Map.of("path", "spec.a[*]", "kind", "Pod", "namespaceField", "b"))),
                        "rules[0].names[0].namespaceField: \"b\" (expected: the name of a field beside"),
                new Wrong(
                        with("names", List.of(Map.of("path", "spec.a", "kind", "Pod", "namespaceField", "a"))),
                        "rules[0].names[0].namespaceField: \"a\" (expected: the name of a field beside"),
                new Wrong(
                        with("names", List.of(Map.of("path", "spec.a", "kind", "Pod", "namespaceField", "b.c"))),
                        "rules[0].names[0].namespaceField: \"b.c\" (expected: the name of a field beside"),
                new Wrong(
                        with("labels", List.of("spec.a"), "selectors", List.of("spec.a.b")),
                        "rules[0]: \"spec.a.b and spec.a\" (expected: paths of which none is in another)"),
                new Wrong(
                        with("labels", List.of("spec.a[*].b"), "selectors", List.of("spec.a.b.b")),
                        "(expected: paths of which none is in another)"),
                new Wrong(
                        with(
                                "names",
                                List.of(
                                        Map.of("path", "spec.a", "kind", "Pod"),
                                        Map.of("path", "spec.a", "kind", "Secret"))),
                        "rules[0].names: \"a path twice\" (expected: each once)"));
    }

    @ParameterizedTest
    @MethodSource("wrong")
    void saysWhatIsWrong(Wrong each) {
        assertThatThrownBy(() -> read(each.rule())).hasMessageContaining(each.message());
    }

    @Test
    void refusesTwoRulesOfOneKind() {
        assertThatThrownBy(() -> CustomKind.read("rules", List.of(WIDGET, with("version", "v2"))))
                .hasMessage("rules[1]: \"widgets.example.com\" (expected: one rule for each kind)");
        assertThatThrownBy(() -> CustomKind.read("rules", List.of(WIDGET, with("kind", "Other"))))
                .hasMessage("rules[1]: \"widgets.example.com\" (expected: one rule for each kind)");
    }

    @Test
    void refusesMoreThanAnybodyReads() {
        var many = IntStream.range(0, 33)
                .mapToObj(i -> with("kind", "Widget" + i, "plural", "widgets" + i))
                .toList();
        assertThatThrownBy(() -> CustomKind.read("rules", many)).hasMessageContaining("at most 32");
        assertThatThrownBy(() -> read(with(
                        "labels", IntStream.range(0, 65).mapToObj(i -> "a" + i).toList())))
                .hasMessageContaining("at most 64");
    }

    static List<CustomKind> read(Map<String, ?> rule) {
        return CustomKind.read("rules", List.of(rule));
    }

    static Map<String, Object> with(Object... fields) {
        var rule = new LinkedHashMap<>(WIDGET);
        for (int i = 0; i < fields.length; i += 2) {
            rule.put(String.valueOf(fields[i]), fields[i + 1]);
        }
        return rule;
    }

    private static Map<String, Object> up(Object... fields) {
        var rule = with(fields);
        rule.put("direction", "up");
        return rule;
    }

    private static Map<String, Object> path(String path) {
        return with("labels", List.of(path));
    }
}
