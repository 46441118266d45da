package io.insula.syncer.custom;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.syncer.engine.Change;
import io.insula.syncer.engine.Change.ApplyToTenant;
import io.insula.syncer.engine.Change.DeleteFromTenant;
import io.insula.syncer.engine.Change.PatchTenant;
import io.insula.syncer.engine.NameMap;
import io.insula.syncer.engine.SyncEvent.HostOnly;
import io.insula.syncer.engine.SyncEvent.Paired;
import io.insula.syncer.engine.SyncEvent.TenantOnly;
import io.insula.syncer.engine.Syncer.Reference;
import io.insula.syncer.engine.TenantId;
import io.insula.syncer.engine.Trees;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a tenant sees of the host's objects of a custom kind, and what it cannot do to them.
class ShownSyncerTest {

    private static final CustomSyncerTest.View VIEW = new CustomSyncerTest.View(List.of());
    private static final String SHARED = "insula.io/shared: 'true'";
    private static final CustomKind RULE = CustomKind.read(
                    "rules",
                    List.of(Map.of(
                            "group",
                            "example.com",
                            "version",
                            "v1",
                            "kind",
                            "Offer",
                            "plural",
                            "offers",
                            "direction",
                            "up",
                            "hidden",
                            List.of("spec.login", "spec.sites[*].key"),
                            "annotations",
                            List.of("example.com/default"))))
            .getFirst();
    private static final ShownSyncer SYNCER = new ShownSyncer(RULE, false);
    private static final ShownSyncer LEAVING =
            new ShownSyncer(CustomKind.bareShown("example.com", "v1", "Offer", "offers"), true);

    @Test
    void showsWhatIsSharedWithoutWhatIsHidden() {
        var seen = seen();

        assertThat(Trees.of(seen).path("spec")).isEqualTo(tree("{size: 3, sites: [{name: a}, {name: b}]}"));
        assertThat(Trees.of(seen).has("status")).isFalse();
        assertThat(seen.getMetadata().getName()).isEqualTo("small");
        assertThat(seen.getMetadata().getLabels()).containsOnly(Map.entry("insula.io/managed-by", "insula-syncer"));
        assertThat(seen.getMetadata().getAnnotations()).containsOnlyKeys("example.com/default", "insula.io/shown");
        assertThat(seen.getMetadata().getUid()).isNull();
        assertThat(SYNCER.tenantObjectsOf(offer("small", SHARED), VIEW))
                .containsExactly(new Reference("Offer.example.com", "", "small"));
        var another = offer("small", SHARED);
        another.setApiVersion("example.org/v1");
        assertThat(SYNCER.tenantObjectsOf(another, VIEW)).isEmpty();
    }

    /// Whoever labels it: what was made for a tenant is that tenant's.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "a: b",
                "insula.io/shared: 'false'",
                "insula.io/shared: 'true', insula.io/tenant: globex",
                "insula.io/shared: 'true', insula.io/tenant: acme"
            })
    void showsNothingThatIsNotSharedOrIsATenants(String labels) {
        assertThat(SYNCER.decide(new HostOnly<>(offer("small", labels)), VIEW)).isEmpty();
        assertThat(SYNCER.decide(new Paired<>(seen(), offer("small", labels)), VIEW))
                .singleElement()
                .isInstanceOf(DeleteFromTenant.class);
    }

    @Test
    void showsNothingThatIsNotedAsATenants() {
        var globexs = offer("small", SHARED);
        globexs.getMetadata().setAnnotations(Map.of("insula.io/tenant", "globex"));

        assertThat(SYNCER.decide(new HostOnly<>(globexs), VIEW)).isEmpty();
    }

    @Test
    void namesNobodyElses() {
        var globexs = new NameMap(new TenantId("globex")).hostName("Secret", "shop", "s");
        var there = offer("small", SHARED);
        there.setAdditionalProperty(
                "spec", Map.of("usedBy", "insula-globex/" + globexs, globexs, List.of("insula-globex")));

        var told = Trees.of(((ApplyToTenant)
                                SYNCER.decide(new HostOnly<>(there), VIEW).getFirst())
                        .wanted())
                .path("spec");

        assertThat(told.toString()).doesNotContain("globex", globexs);
        assertThat(told.path("usedBy").asText()).isEqualTo("another");
    }

    @Test
    void setsBackWhatTheTenantChangesAndSaysSo() {
        var lookedAt =
                after(seen(), 1, SYNCER.decide(new Paired<>(generation(seen(), 1), offer("small", SHARED)), VIEW));
        assertThat(SYNCER.decide(new Paired<>(lookedAt, offer("small", SHARED)), VIEW))
                .isEmpty();
        var changed = generation(lookedAt, 2);
        changed.setAdditionalProperty(
                "spec", Map.of("size", 4, "more", true, "sites", List.of(Map.of("name", "a", "url", "evil"))));

        var changes = SYNCER.decide(new Paired<>(changed, offer("small", SHARED)), VIEW);

        var patch = ((PatchTenant) changes.getFirst()).patch();
        assertThat(patch.path("spec")).isEqualTo(tree("{size: 3, more: null, sites: [{name: a}, {name: b}]}"));
        assertThat(changes.getLast())
                .isInstanceOfSatisfying(
                        ApplyToTenant.class,
                        told -> assertThat(told.wanted()).isInstanceOfSatisfying(Event.class, said -> {
                            assertThat(said.getReason()).isEqualTo("SetBack");
                            assertThat(said.getMessage()).contains("spec");
                            assertThat(said.getMetadata().getNamespace()).isEqualTo("default");
                        }));
    }

    @Test
    void putsBackItsMarks() {
        var bare = generation(seen(), 1);
        bare.getMetadata().setLabels(Map.of());
        bare.getMetadata().getAnnotations().put("example.com/default", "no");

        var patch = ((PatchTenant) SYNCER.decide(new Paired<>(bare, offer("small", SHARED)), VIEW)
                        .getFirst())
                .patch();

        assertThat(patch.at("/metadata/labels").toString()).isEqualTo("{\"insula.io/managed-by\":\"insula-syncer\"}");
        assertThat(patch.at("/metadata/annotations/example.com~1default").asText())
                .isEqualTo("yes");
    }

    @Test
    void followsTheHostsObjectWithoutBlamingTheTenant() {
        var before = after(seen(), 1, SYNCER.decide(new Paired<>(generation(seen(), 1), offer("small", SHARED)), VIEW));
        var there = offer("small", SHARED);
        there.setAdditionalProperty("spec", Map.of("size", 5));

        assertThat(SYNCER.decide(new Paired<>(before, there), VIEW))
                .singleElement()
                .isInstanceOfSatisfying(
                        PatchTenant.class,
                        patch -> assertThat(patch.patch().path("spec")).isEqualTo(tree("{size: 5, sites: null}")));
    }

    /// A definition in the tenant may know fewer fields, or add some.
    @Test
    void doesNotFightWithTheTenantsDefinition() {
        var pruned = generation(seen(), 1);
        pruned.setAdditionalProperty("spec", Map.of("size", 3, "added", "by default"));

        var changes = SYNCER.decide(new Paired<>(pruned, offer("small", SHARED)), VIEW);

        assertThat(changes).singleElement().isInstanceOf(PatchTenant.class);
        var noted = after(pruned, 1, changes);
        assertThat(SYNCER.decide(new Paired<>(noted, offer("small", SHARED)), VIEW))
                .isEmpty();
        assertThat(SYNCER.decide(new Paired<>(generation(noted, 2), offer("small", SHARED)), VIEW))
                .as("somebody wrote it")
                .hasSize(2);
    }

    @Test
    void leavesATenantsOwnAloneAndSaysSo() {
        var own = generation(offer("small", "a: b"), 1);

        assertThat(SYNCER.decide(new TenantOnly<>(own), VIEW)).isEmpty();
        assertThat(LEAVING.decide(new Paired<>(own, offer("small", SHARED)), VIEW))
                .isEmpty();
        assertThat(SYNCER.decide(new Paired<>(own, offer("small", SHARED)), VIEW))
                .singleElement()
                .isInstanceOfSatisfying(
                        ApplyToTenant.class,
                        told -> assertThat(told.wanted())
                                .isInstanceOfSatisfying(
                                        Event.class,
                                        said -> assertThat(said.getReason()).isEqualTo("NotShown")));
    }

    @Test
    void goesWithTheHostsObjectAndWithTheRule() {
        assertThat(SYNCER.decide(new TenantOnly<>(seen()), VIEW))
                .singleElement()
                .isInstanceOf(DeleteFromTenant.class);
        assertThat(LEAVING.decide(new Paired<>(seen(), offer("small", SHARED)), VIEW))
                .singleElement()
                .isInstanceOf(DeleteFromTenant.class);
        assertThat(LEAVING.decide(new HostOnly<>(offer("small", SHARED)), VIEW)).isEmpty();
    }

    @Test
    void bringsTheStatusUp() {
        var there = offer("small", SHARED);
        there.setAdditionalProperty("status", Map.of("open", true));
        var noted = after(seen(), 1, SYNCER.decide(new Paired<>(generation(seen(), 1), there), VIEW));

        assertThat(SYNCER.decide(new Paired<>(noted, there), VIEW))
                .singleElement()
                .isInstanceOfSatisfying(PatchTenant.class, patch -> {
                    assertThat(patch.subresource()).isEqualTo("status");
                    assertThat(patch.patch()).isEqualTo(tree("{status: {open: true}}"));
                });
        assertThat(SYNCER.spec().hostVerbs())
                .isEqualTo(Map.of("example.com/offers", java.util.Set.of("get", "list", "watch")));
    }

    static GenericKubernetesResource offer(String name, String labels) {
        return Serialization.unmarshal("""
                apiVersion: example.com/v1
                kind: Offer
                metadata:
                  name: %s
                  uid: h1
                  labels: {%s}
                  annotations: {example.com/default: 'yes', example.com/internal: x}
                spec: {size: 3, login: {password: p}, sites: [{name: a, key: k}, {name: b}]}
                """.formatted(name, labels), GenericKubernetesResource.class);
    }

    /// As it is in the tenant at first.
    private static GenericKubernetesResource seen() {
        return (GenericKubernetesResource) ((ApplyToTenant) SYNCER.decide(new HostOnly<>(offer("small", SHARED)), VIEW)
                        .getFirst())
                .wanted();
    }

    private static GenericKubernetesResource generation(GenericKubernetesResource object, long generation) {
        var copy = Serialization.clone(object);
        copy.getMetadata().setGeneration(generation);
        return copy;
    }

    /// The same after what was decided was written, as far as it is noted there.
    private static GenericKubernetesResource after(
            GenericKubernetesResource object, long generation, List<Change> changes) {
        var tree = (ObjectNode) Trees.of(generation(object, generation));
        var notes = ((PatchTenant) changes.getFirst()).patch().at("/metadata/annotations");
        notes.properties()
                .forEach(each -> tree.withObject("/metadata/annotations").set(each.getKey(), each.getValue()));
        return Trees.as(tree, GenericKubernetesResource.class);
    }

    private static JsonNode tree(String yaml) {
        return Trees.of(Serialization.unmarshal("---\n" + yaml, Map.class));
    }
}
