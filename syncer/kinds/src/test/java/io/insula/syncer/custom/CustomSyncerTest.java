package io.insula.syncer.custom;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.isolation.TenantProfiles;
import io.insula.syncer.engine.Change;
import io.insula.syncer.engine.Change.ApplyToHost;
import io.insula.syncer.engine.Change.ApplyToTenant;
import io.insula.syncer.engine.Change.DeleteFromHost;
import io.insula.syncer.engine.Change.PatchTenant;
import io.insula.syncer.engine.Change.Proof;
import io.insula.syncer.engine.HostRanges;
import io.insula.syncer.engine.KindRef;
import io.insula.syncer.engine.NameMap;
import io.insula.syncer.engine.SyncEvent;
import io.insula.syncer.engine.SyncEvent.HostOnly;
import io.insula.syncer.engine.SyncEvent.Paired;
import io.insula.syncer.engine.SyncEvent.TenantOnly;
import io.insula.syncer.engine.Syncer.Reference;
import io.insula.syncer.engine.TenantId;
import io.insula.syncer.engine.TenantView;
import io.insula.syncer.engine.Trees;
import io.insula.syncer.kinds.Beans;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What becomes of objects of a custom kind.
class CustomSyncerTest {

    private static final NameMap NAMES = new NameMap(new TenantId("acme"));
    private static final View VIEW = new View(List.of());
    private static final CustomKind RULE = CustomKindTest.read(CustomKindTest.with(
                    "names",
                    List.of(
                            Map.of("path", "spec.secrets[*].name", "kind", "Secret"),
                            Map.of("path", "spec.maps[*]", "kind", "ConfigMap"),
                            Map.of(
                                    "path", "spec.peer.name",
                                    "kind", "Widget",
                                    "group", "example.com",
                                    "namespaceField", "namespace")),
                    "labels",
                    List.of("spec.template.labels"),
                    "selectors",
                    List.of("spec.selector"),
                    "matchLabels",
                    List.of("spec.match")))
            .getFirst();
    private static final CustomSyncer SYNCER = new CustomSyncer(RULE, false);
    private static final CustomSyncer LEAVING =
            new CustomSyncer(CustomKind.bare("example.com", "v1", "Widget", "widgets"), true);

    /// @param spec of the tenant's object
    /// @param want of the host's
    record Case(String name, String spec, String want) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> cases() {
        return Stream.of(
                new Case("what nobody names", "{size: 3, deep: {list: [1, a]}}", "{size: 3, deep: {list: [1, a]}}"),
                new Case(
                        "names in lists",
                        "{secrets: [{name: s, key: k}, {name: t}], maps: [m]}",
                        "{secrets: [{name: " + secret("s") + ", key: k}, {name: " + secret("t") + "}], maps: ["
                                + NAMES.hostName("ConfigMap", "shop", "m") + "]}"),
                new Case(
                        "a name that is empty, and none", "{secrets: [{name: ''}, {}]}", "{secrets: [{name: ''}, {}]}"),
                new Case(
                        "a name without its namespace",
                        "{peer: {name: w}}",
                        "{peer: {name: " + NAMES.hostName("Widget.example.com", "shop", "w") + "}}"),
                new Case(
                        "a name with its namespace",
                        "{peer: {name: w, namespace: bank}}",
                        "{peer: {name: " + NAMES.hostName("Widget.example.com", "bank", "w")
                                + ", namespace: insula-acme}}"),
                new Case(
                        "another tenant's namespace",
                        "{peer: {name: w, namespace: insula-globex}}",
                        "{peer: {name: " + NAMES.hostName("Widget.example.com", "insula-globex", "w")
                                + ", namespace: insula-acme}}"),
                new Case(
                        "another tenant's object",
                        "{secrets: [{name: " + new NameMap(new TenantId("globex")).hostName("Secret", "shop", "s")
                                + "}]}",
                        "{secrets: [{name: "
                                + secret(new NameMap(new TenantId("globex")).hostName("Secret", "shop", "s")) + "}]}"),
                new Case(
                        "labels of the host's",
                        "{template: {labels: {app: a, insula.io/tenant: globex, tenant.insula.io/x: y}}}",
                        "{template: {labels: {tenant.insula.io/app: a, " + NameMap.hostLabel("insula.io/tenant")
                                + ": globex, " + NameMap.hostLabel("tenant.insula.io/x") + ": y}}}"),
                new Case(
                        "a selector",
                        "{selector: {matchLabels: {app: a}, matchExpressions: [{key: tier, operator: Exists}]}}",
                        "{selector: {matchLabels: {tenant.insula.io/app: a, insula.io/tenant: acme, insula.io/namespace:"
                                + " shop}, matchExpressions: [{key: tenant.insula.io/tier, operator: Exists}]}}"),
                new Case(
                        "a selector of everything",
                        "{selector: {}, match: {}}",
                        "{selector: {matchLabels: {insula.io/tenant: acme, insula.io/namespace: shop}}, match:"
                                + " {insula.io/tenant: acme, insula.io/namespace: shop}}"),
                new Case(
                        "a selector of another tenant's",
                        "{match: {insula.io/tenant: globex, insula.io/namespace: bank}}",
                        "{match: {" + NameMap.hostLabel("insula.io/tenant") + ": globex, "
                                + NameMap.hostLabel("insula.io/namespace")
                                + ": bank, insula.io/tenant: acme, insula.io/namespace: shop}}"),
                new Case("nothing where nothing is", "{selector: null}", "{selector: null}"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void goesDownByTheRule(Case each) {
        for (SyncEvent<GenericKubernetesResource> event : List.of(
                new TenantOnly<>(tenant(each.spec(), "{}")),
                new Paired<>(tenant(each.spec(), "{}"), host("{}", "{}")))) {
            var wanted = applied(SYNCER.decide(event, VIEW));

            assertThat(Trees.of(wanted).path("spec")).isEqualTo(tree(each.want()));
            assertThat(Trees.of(wanted).has("status")).isFalse();
        }
    }

    /// A name of what the host shows is the same there; of what it does not show it is nobody's to use.
    @Test
    void namesOnlyWhatTheTenantIsShown() {
        var rules = CustomKind.read(
                "rules",
                List.of(
                        CustomKindTest.with(
                                "names",
                                List.of(Map.of("path", "spec.class", "kind", "Offer", "group", "example.com"))),
                        Map.of(
                                "group", "example.com",
                                "version", "v1",
                                "kind", "Offer",
                                "plural", "offers",
                                "direction", "up")));
        var syncer = new CustomSyncer(rules.getFirst(), false);
        var view = new View(List.of(
                ShownSyncerTest.offer("small", "insula.io/shared: 'true'"), ShownSyncerTest.offer("secret", "a: b")));

        assertThat(Trees.of(applied(syncer.decide(new TenantOnly<>(tenant("{class: small}", "{}")), view)))
                        .path("spec"))
                .isEqualTo(tree("{class: small}"));
        assertThat(syncer.references(tenant("{class: small}", "{}"), view)).isEmpty();
        for (var name : List.of("secret", "none", "offers/small")) {
            assertThat(syncer.decide(new TenantOnly<>(tenant("{class: " + name + "}", "{}")), view))
                    .as(name)
                    .singleElement()
                    .isInstanceOf(ApplyToTenant.class);
        }
    }

    /// A snapshot is of a claim of the tenant's own, by a class that it is shown; never of a content that is there.
    @Test
    void sendsSnapshotsOfOwnClaimsOnly() {
        var classes = Map.of(
                "group", "snapshot.storage.k8s.io",
                "version", "v1",
                "kind", "VolumeSnapshotClass",
                "plural", "volumesnapshotclasses",
                "direction", "up",
                "status", "none");
        var shown = ShownSyncerTest.offer("fast", "insula.io/shared: 'true'");
        shown.setKind("VolumeSnapshotClass");
        var hidden = ShownSyncerTest.offer("slow", "a: b");
        hidden.setKind("VolumeSnapshotClass");
        var view = new View(List.of(shown, hidden));
        var withClasses = new CustomSyncer(
                CustomKind.read("rules", List.of(CustomKindTest.SNAPSHOT, classes))
                        .getFirst(),
                false);
        var without = new CustomSyncer(
                CustomKind.read("rules", List.of(CustomKindTest.SNAPSHOT)).getFirst(), false);

        for (var spec : List.of(
                "{source: {persistentVolumeClaimName: data}, volumeSnapshotClassName: fast}",
                "{source: {persistentVolumeClaimName: data, volumeSnapshotContentName: ''}}")) {
            var sent = Trees.of(applied(withClasses.decide(new TenantOnly<>(tenant(spec, "{}")), view)));
            assertThat(sent.at("/spec/source/persistentVolumeClaimName").asText())
                    .isEqualTo(NAMES.hostName("PersistentVolumeClaim", "shop", "data"));
        }
        for (var spec : List.of(
                "{source: {volumeSnapshotContentName: snapcontent-of-globex}}",
                "{source: {persistentVolumeClaimName: data, volumeSnapshotContentName: snapcontent-of-globex}}",
                "{source: {persistentVolumeClaimName: data}, volumeSnapshotClassName: slow}")) {
            assertThat(withClasses.decide(new TenantOnly<>(tenant(spec, "{}")), view))
                    .as(spec)
                    .noneMatch(ApplyToHost.class::isInstance);
        }
        assertThat(without.decide(
                        new TenantOnly<>(tenant(
                                "{source: {persistentVolumeClaimName: data}, volumeSnapshotClassName: fast}", "{}")),
                        view))
                .as("no class is shown")
                .noneMatch(ApplyToHost.class::isInstance);
        assertThat(without.decide(new TenantOnly<>(tenant("{source: {persistentVolumeClaimName: data}}", "{}")), view))
                .hasOnlyElementsOfType(ApplyToHost.class);
        for (var leaving : List.of(false, true)) {
            var snapshots = new CustomSyncer(without.rule(), leaving);
            assertThat(snapshots.isDeletedByControlPlane()).isTrue();
            assertThat(snapshots.spec().hostVerbs().values())
                    .as("what was kept cannot be made again")
                    .allMatch(verbs -> !verbs.contains("delete"));
        }
        assertThat(SYNCER.isDeletedByControlPlane()).isFalse();
    }

    /// As of built-in kinds.
    @Test
    void hasMetadataOfTheHosts() {
        var meta = applied(SYNCER.decide(new TenantOnly<>(tenant("{}", "{}")), VIEW))
                .getMetadata();

        assertThat(meta.getName()).isEqualTo(NAMES.hostName("Widget.example.com", "shop", "w"));
        assertThat(meta.getNamespace()).isEqualTo("insula-acme");
        assertThat(meta.getLabels())
                .containsEntry("insula.io/tenant", "acme")
                .containsEntry("tenant.insula.io/app", "a")
                .containsEntry(NameMap.hostLabel("insula.io/tenant"), "globex");
        assertThat(meta.getAnnotations()).doesNotContainKeys("tool.example.com/do", "insula.io/profile");
        assertThat(meta.getFinalizers()).isEmpty();
        assertThat(meta.getOwnerReferences()).isEmpty();
        assertThat(meta.getUid()).isNull();
    }

    static Stream<Case> refused() {
        return Stream.of(
                new Case("a name that is a tree", "{secrets: [{name: {a: b}}]}", "spec.secrets[0].name: cannot be"),
                new Case("a number", "{maps: [a, 7]}", "spec.maps[1]: cannot be"),
                new Case("a namespace that is none", "{peer: {name: w, namespace: [a]}}", "spec.peer.name: cannot be"),
                new Case("labels that are none", "{template: {labels: [a]}}", "spec.template.labels: cannot be"),
                new Case("labels of numbers", "{match: {a: 7}}", "spec.match: cannot be"),
                new Case("a selector of another form", "{selector: {app: a}}", "spec.selector: cannot be"),
                new Case(
                        "expressions without keys",
                        "{selector: {matchExpressions: [{operator: Exists}]}}",
                        "spec.selector: cannot be"));
    }

    /// What cannot be read is not sent, and what is there stays.
    @ParameterizedTest(name = "{0}")
    @MethodSource("refused")
    void tellsWhatItCannotTranslate(Case each) {
        for (SyncEvent<GenericKubernetesResource> event : List.of(
                new TenantOnly<>(tenant(each.spec(), "{}")),
                new Paired<>(tenant(each.spec(), "{}"), host("{}", "{}")))) {
            assertThat(SYNCER.decide(event, VIEW))
                    .singleElement()
                    .isInstanceOfSatisfying(
                            ApplyToTenant.class,
                            told -> assertThat(told.wanted())
                                    .isInstanceOfSatisfying(
                                            Event.class,
                                            said -> assertThat(said.getMessage())
                                                    .startsWith(each.want())));
        }
    }

    @Test
    void namesWhatMustBeThereToo() {
        var own = tenant("{secrets: [{name: s}, {name: ''}], maps: [m], peer: {name: w, namespace: bank}}", "{}");

        assertThat(SYNCER.references(own, VIEW))
                .containsExactlyInAnyOrder(
                        new Reference("Secret", "shop", "s"),
                        new Reference("ConfigMap", "shop", "m"),
                        new Reference("Widget.example.com", "bank", "w"));
        assertThat(SYNCER.hostReferences(applied(SYNCER.decide(new TenantOnly<>(own), VIEW))))
                .contains(new Reference("Secret", "", secret("s")));
        assertThat(LEAVING.references(own, VIEW)).isEmpty();
    }

    @Test
    void bringsTheStatusUpInTheTenantsWords() {
        var own = tenant("{secrets: [{name: s}]}", "{ready: false, old: 1, same: x}");
        var there = host(
                "{}",
                "{ready: true, same: x, said: 'no " + secret("s") + " in insula-acme', "
                        + "by: {" + secret("s") + ": [insula-globex/"
                        + new NameMap(new TenantId("globex")).hostName("Secret", "a", "b")
                        + "]}, none: null}");

        assertThat(SYNCER.decide(new Paired<>(own, there), VIEW).getLast())
                .isInstanceOfSatisfying(PatchTenant.class, patch -> {
                    assertThat(patch.subresource()).isEqualTo("status");
                    assertThat(patch.patch())
                            .isEqualTo(tree(
                                    "{status: {ready: true, old: null, said: 'no s in shop', by: {s: [another]}}}"));
                });
        var same = tenant("{}", "{ready: true}");
        assertThat(SYNCER.decide(new Paired<>(same, host("{}", "{ready: true}")), VIEW))
                .allMatch(ApplyToHost.class::isInstance);
        var silent = new CustomSyncer(
                CustomKindTest.read(CustomKindTest.with("status", "none")).getFirst(), false);
        assertThat(silent.decide(new Paired<>(own, there), VIEW)).allMatch(ApplyToHost.class::isInstance);
        assertThat(silent.spec().tenantVerbs()).isEmpty();
        assertThat(SYNCER.spec().tenantVerbs()).containsOnlyKeys("example.com/widgets/status");
    }

    @Test
    void goesWithTheTenantsObject() {
        assertThat(SYNCER.decide(new HostOnly<>(host("{}", "{}")), VIEW))
                .singleElement()
                .isInstanceOfSatisfying(
                        DeleteFromHost.class,
                        delete -> assertThat(delete.proof()).isEqualTo(Proof.TENANT_OBJECT_GONE));
        var ending = tenant("{}", "{}");
        ending.getMetadata().setDeletionTimestamp("2026-01-01T00:00:00Z");
        assertThat(SYNCER.decide(new TenantOnly<>(ending), VIEW)).isEmpty();
        assertThat(SYNCER.needsHost(tenant("{}", "{}"), VIEW)).isTrue();
    }

    /// The rule is gone.
    @Test
    void goesWithItsRule() {
        assertThat(LEAVING.decide(new TenantOnly<>(tenant("{}", "{}")), VIEW)).isEmpty();
        assertThat(LEAVING.decide(new Paired<>(tenant("{}", "{}"), host("{}", "{a: b}")), VIEW))
                .singleElement()
                .isInstanceOfSatisfying(
                        DeleteFromHost.class,
                        delete -> assertThat(delete.proof()).isEqualTo(Proof.TENANT_OBJECT_NEEDS_NONE));
        assertThat(LEAVING.needsHost(tenant("{}", "{}"), VIEW)).isFalse();
        assertThat(LEAVING.decide(new HostOnly<>(host("{}", "{}")), VIEW)).hasSize(1);
    }

    private static String secret(String name) {
        return NAMES.hostName("Secret", "shop", name);
    }

    private static HasMetadata applied(List<Change> changes) {
        return ((ApplyToHost) changes.getFirst()).wanted();
    }

    private static GenericKubernetesResource tenant(String spec, String status) {
        return Serialization.unmarshal("""
                apiVersion: example.com/v1
                kind: Widget
                metadata:
                  name: w
                  namespace: shop
                  uid: u1
                  labels: {app: a, insula.io/tenant: globex}
                  annotations: {tool.example.com/do: it, insula.io/profile: runc}
                  finalizers: [example.com/mine]
                  ownerReferences: [{apiVersion: v1, kind: Pod, name: p, uid: u2}]
                spec: %s
                status: %s
                """.formatted(spec, status), GenericKubernetesResource.class);
    }

    private static GenericKubernetesResource host(String spec, String status) {
        var host = Serialization.unmarshal(
                "---\n{apiVersion: example.com/v1, kind: Widget, spec: " + spec + ", status: " + status + "}",
                GenericKubernetesResource.class);
        host.setMetadata(NAMES.hostMeta("Widget.example.com", tenant("{}", "{}")));
        host.getMetadata().setUid("h1");
        return host;
    }

    private static JsonNode tree(String yaml) {
        return Trees.of(Serialization.unmarshal("---\n" + yaml, Map.class));
    }

    /// A tenant that has nothing else.
    ///
    /// @param host what is there that no tenant made
    record View(List<GenericKubernetesResource> host) implements TenantView {
        @Override
        public NameMap names() {
            return NAMES;
        }

        @Override
        public TenantProfiles profiles() {
            return TenantProfiles.only(Beans.settings("runc"));
        }

        @Override
        public <T extends HasMetadata> Optional<T> tenantObject(KindRef<T> kind, String namespace, String name) {
            return Optional.empty();
        }

        @Override
        public <T extends HasMetadata> List<T> tenantObjects(KindRef<T> kind) {
            return List.of();
        }

        @Override
        public URI apiServer() {
            return URI.create("https://127.0.0.1:1");
        }

        @Override
        public Optional<HostRanges> hostRanges() {
            return Optional.empty();
        }

        @Override
        public Instant now() {
            return Instant.EPOCH;
        }

        @Override
        public <T extends HasMetadata> Optional<T> hostObject(KindRef<T> kind, String hostName) {
            return host.stream()
                    .filter(each -> kind.kind().equals(each.getKind())
                            && hostName.equals(each.getMetadata().getName()))
                    .map(kind.type()::cast)
                    .findFirst();
        }

        @Override
        public <T extends HasMetadata> List<T> hostObjects(KindRef<T> kind) {
            return List.of();
        }

        @Override
        public boolean isReferenced(String kind, String namespace, String name) {
            return false;
        }
    }
}
