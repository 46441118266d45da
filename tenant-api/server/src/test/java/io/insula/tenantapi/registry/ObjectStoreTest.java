package io.insula.tenantapi.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.ports.ObjectClient.Query;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// The lifecycle of objects over the store in memory.
final class ObjectStoreTest {

    private static final String MAP = "{metadata: {name: a}, data: {x: '1'}}";
    private static final String DEPLOYMENT = """
            metadata: {name: web}
            spec: {replicas: 2, selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}}}
            status: {replicas: 9}
            """;

    private final Rig rig = new Rig();

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void createSetsWhatOnlyTheServerMaySet() {
        ObjectNode made = rig.create("", "configmaps", "default", MAP);

        assertThat(Meta.uid(made)).hasSize(36);
        assertThat(made.at("/metadata/creationTimestamp").asText()).endsWith("Z");
        assertThat(Meta.namespace(made)).isEqualTo("default");
        assertThat(Meta.kindOf(made).toString()).isEqualTo("v1 ConfigMap");
        assertThat(rig.store.get(rig.at("", "configmaps", "default", "a"), Rig.caller()))
                .isEqualTo(made);
    }

    @Test
    void storesWithoutResourceVersionUnderUpstreamsKey() {
        ObjectNode made = rig.create("", "configmaps", "default", MAP);

        var stored = rig.storage.get("/registry/configmaps/default/a").orElseThrow();
        assertThat(Long.toString(stored.modRevision())).isEqualTo(Meta.resourceVersion(made));
        assertThat(new String(stored.value(), StandardCharsets.UTF_8)).doesNotContain("resourceVersion");
    }

    @Test
    void refusesSecondObjectOfTheSameName() {
        rig.create("", "configmaps", "default", MAP);

        assertThatExceptionOfType(ApiException.class)
                .isThrownBy(() -> rig.create("", "configmaps", "default", MAP))
                .withMessage("configmaps \"a\" already exists")
                .satisfies(e -> assertThat(e.code()).isEqualTo(409));
    }

    @Test
    void refusesNamesThatLeaveTheirCollection() {
        for (String name : List.of("../b", "..", "a/b", "a%2fb")) {
            assertThatExceptionOfType(ApiException.class)
                    .isThrownBy(() -> rig.store.get(rig.at("", "configmaps", "default", name), Rig.caller()))
                    .satisfies(e -> assertThat(e.code()).isEqualTo(400));
            assertThatExceptionOfType(ApiException.class)
                    .isThrownBy(() ->
                            rig.client().list(rig.kind("", "configmaps").spec().gvr(), name, Query.ALL))
                    .satisfies(e -> assertThat(e.code()).isEqualTo(400));
        }
    }

    @Test
    void generatesNames() {
        ObjectNode made = rig.create("", "configmaps", "default", "{metadata: {generateName: job-}}");

        assertThat(Meta.name(made)).matches("job-[bcdfghjklmnpqrstvwxz2456789]{5}");
    }

    @Test
    void refusesBadMetadataWithEveryFinding() {
        String bad = "{metadata: {name: A_b, labels: {'-x': y}, finalizers: ['a b']}}";

        assertThatExceptionOfType(ApiException.class)
                .isThrownBy(() -> rig.create("", "configmaps", "default", bad))
                .satisfies(e -> {
                    assertThat(e.code()).isEqualTo(422);
                    assertThat(e.status().path("details").path("causes")).hasSize(3);
                });
    }

    @Test
    void keepsTheRevisionWhenNothingChanges() {
        ObjectNode made = rig.create("", "configmaps", "default", MAP);
        Target target = rig.at("", "configmaps", "default", "a");

        assertThat(Meta.resourceVersion(rig.update(target, made))).isEqualTo(Meta.resourceVersion(made));
        assertThat(Meta.resourceVersion(rig.patch(target, PatchRequest.Type.MERGE, "{data: {x: '1'}}")))
                .isEqualTo(Meta.resourceVersion(made));
        assertThat(Meta.resourceVersion(rig.patch(target, PatchRequest.Type.MERGE, "{data: {x: '2'}}")))
                .isNotEqualTo(Meta.resourceVersion(made));
    }

    @Test
    void refusesStaleUpdatesAndOtherUids() {
        ObjectNode made = rig.create("", "configmaps", "default", MAP);
        Target target = rig.at("", "configmaps", "default", "a");
        rig.patch(target, PatchRequest.Type.JSON, "[{op: replace, path: /data/x, value: '2'}]");

        assertThatExceptionOfType(ApiException.class)
                .isThrownBy(() -> rig.update(target, made))
                .withMessageEndingWith(
                        "the object has been modified; please apply your changes to the latest version and try again");
        ObjectNode other = made.deepCopy();
        Meta.of(other).put("uid", "someone-else").remove("resourceVersion");
        assertThatExceptionOfType(ApiException.class)
                .isThrownBy(() -> rig.update(target, other))
                .withMessageContaining("Precondition failed: UID in precondition: someone-else");
    }

    @Test
    void keepsStatusApartAndCountsGenerations() {
        ObjectNode made = rig.create("apps", "deployments", "default", DEPLOYMENT);
        Target target = rig.at("apps", "deployments", "default", "web");

        assertThat(made.path("status").path("replicas").asInt()).isZero();
        assertThat(Meta.generation(made)).isEqualTo(1);

        ObjectNode withStatus = rig.patch(
                target.withSubresource("status"),
                PatchRequest.Type.MERGE,
                "{spec: {replicas: 7}, status: {replicas: 2}}");
        assertThat(withStatus.at("/spec/replicas").asInt()).isEqualTo(2);
        assertThat(withStatus.at("/status/replicas").asInt()).isEqualTo(2);
        assertThat(Meta.generation(withStatus)).isEqualTo(1);

        ObjectNode scaled = rig.patch(target, PatchRequest.Type.MERGE, "{spec: {replicas: 3}, status: {replicas: 8}}");
        assertThat(scaled.at("/status/replicas").asInt()).isEqualTo(2);
        assertThat(Meta.generation(scaled)).isEqualTo(2);
    }

    @Test
    void scalesThroughTheSubresource() {
        rig.create("apps", "deployments", "default", DEPLOYMENT);
        Target scale = rig.at("apps", "deployments", "default", "web").withSubresource("scale");

        ObjectNode now = rig.patch(scale, PatchRequest.Type.MERGE, "{spec: {replicas: 5}}");

        assertThat(now.path("kind").asText()).isEqualTo("Scale");
        assertThat(now.at("/spec/replicas").asInt()).isEqualTo(5);
        assertThat(now.at("/status/selector").asText()).isEqualTo("app=web");
        assertThat(rig.store
                        .get(scale.withSubresource(""), Rig.caller())
                        .at("/spec/replicas")
                        .asInt())
                .isEqualTo(5);
    }

    @Test
    void createsOnUpdateWhereTheKindAllowsItOnly() {
        ObjectNode lease = Rig.yaml("{metadata: {name: l}, spec: {holderIdentity: me}}");
        Target target = rig.at("coordination.k8s.io", "leases", "default", "l");

        assertThat(Meta.uid(rig.update(target, lease))).isNotEmpty();
        assertThatExceptionOfType(ApiException.class)
                .isThrownBy(() -> rig.update(target, lease))
                .withMessageContaining("metadata.resourceVersion: Invalid value: 0: must be specified for an update");
        assertThatExceptionOfType(ApiException.class)
                .isThrownBy(() -> rig.update(rig.at("", "configmaps", "default", "l"), Rig.yaml(MAP)))
                .satisfies(e -> assertThat(e.code()).isEqualTo(400));
        assertThatExceptionOfType(ApiException.class)
                .isThrownBy(() -> rig.update(rig.at("", "configmaps", "default", "a"), Rig.yaml(MAP)))
                .withMessage("configmaps \"a\" not found");
    }

    @Test
    void dryRunLeavesNothingBehind() {
        var options = new WriteOptions("", true, WriteOptions.FieldValidation.WARN, false);
        Target all = Target.collection(rig.kind("", "configmaps"), "default");

        rig.store.create(all, Rig.body(MAP), options, Rig.caller());

        assertThat(rig.store.list(all, ListOptions.ALL).items()).isEmpty();
    }

    @Test
    void reportsUnknownFieldsAsAsked() {
        Target all = Target.collection(rig.kind("", "configmaps"), "default");
        var strict = new WriteOptions("", false, WriteOptions.FieldValidation.STRICT, false);
        var warn = new WriteOptions("", false, WriteOptions.FieldValidation.WARN, false);
        String text = "{metadata: {name: a}, dta: {x: '1'}}";

        assertThatExceptionOfType(ApiException.class)
                .isThrownBy(() -> rig.store.create(all, Rig.body(text), strict, Rig.caller()))
                .withMessage("strict decoding error: unknown field \"dta\"");
        Caller caller = Rig.caller();
        ObjectNode made = rig.store.create(all, Rig.body(text), warn, caller).object();
        assertThat(caller.warnings()).containsExactly("unknown field \"dta\"");
        assertThat(made.has("dta")).isFalse();
    }

    @Test
    void listsInPagesThatShowOneRevision() {
        for (int i = 0; i < 5; i++) {
            rig.create("", "configmaps", "ns" + i % 2, "{metadata: {name: m" + i + ", labels: {n: '" + i + "'}}}");
        }
        Target all = Target.collection(rig.kind("", "configmaps"), "");

        ObjectPage first = rig.store.list(all, page(2, ""));
        rig.create("", "configmaps", "ns1", "{metadata: {name: zz}}");
        ObjectPage second = rig.store.list(all, page(2, first.continueToken()));
        ObjectPage third = rig.store.list(all, page(2, second.continueToken()));

        assertThat(first.remaining()).isEqualTo(3);
        assertThat(second.resourceVersion()).isEqualTo(first.resourceVersion());
        assertThat(third.continueToken()).isEmpty();
        assertThat(List.of(first, second, third))
                .flatExtracting(ObjectPage::items)
                .extracting(o -> Meta.name(o))
                .containsExactly("m0", "m2", "m4", "m1", "m3");
    }

    @Test
    void selectsByLabelsAndNames() {
        for (String name : List.of("a", "b", "c")) {
            rig.create("", "configmaps", "default", "{metadata: {name: " + name + ", labels: {n: " + name + "}}}");
        }
        Target all = Target.collection(rig.kind("", "configmaps"), "default");

        assertThat(rig.store
                        .list(all, ListOptions.selecting("n in (a,c)", "metadata.name!=a"))
                        .items())
                .extracting(o -> Meta.name(o))
                .containsExactly("c");
        assertThatExceptionOfType(ApiException.class)
                .isThrownBy(() -> rig.store.list(all, ListOptions.selecting("", "data.x=1")))
                .satisfies(e -> assertThat(e.code()).isEqualTo(400));
    }

    @Test
    void answersARevisionFromTheFutureWithTimeout() {
        Target all = Target.collection(rig.kind("", "configmaps"), "default");

        assertThatExceptionOfType(ApiException.class)
                .isThrownBy(() -> rig.store.list(all, ListOptions.ALL.at("100000")))
                .withMessageContaining("Too large resource version: 100000, current: ")
                .satisfies(e -> assertThat(e.code()).isEqualTo(504));
    }

    private static ListOptions page(int limit, String token) {
        return new ListOptions("", "", limit, token, "", "", Optional.empty(), false, 0);
    }

    @Test
    void applyRefusesUnknownFieldsWhateverTheFieldValidation() {
        Target target = rig.at("", "configmaps", "default", "a");

        assertThatExceptionOfType(ApiException.class)
                .isThrownBy(() -> rig.patch(
                        target,
                        PatchRequest.Type.APPLY,
                        "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, colour: red}}"))
                .withMessage("failed to create typed patch object (default/a; v1, Kind=ConfigMap): .metadata.colour:"
                        + " field not declared in schema")
                .satisfies(e -> assertThat(e.code()).isEqualTo(500));
    }

    @Test
    void applyWithResourceVersionCreatesOnceAndThenConflicts() {
        for (String[] kind :
                new String[][] {{"", "configmaps", "ConfigMap", "v1"}, {"apps", "deployments", "Deployment", "apps/v1"}
                }) {
            Target target = rig.at(kind[0], kind[1], "default", "a");
            String text =
                    "{apiVersion: " + kind[3] + ", kind: " + kind[2] + ", metadata: {name: a, resourceVersion: '1'}}";

            ObjectNode made = rig.patch(target, PatchRequest.Type.APPLY, text);

            assertThat(Meta.resourceVersion(made)).isNotEqualTo("1").isNotEmpty();
            assertThatExceptionOfType(ApiException.class)
                    .isThrownBy(() -> rig.patch(target, PatchRequest.Type.APPLY, text))
                    .satisfies(e -> assertThat(e.code()).isEqualTo(409));
            ObjectNode again = rig.patch(
                    target, PatchRequest.Type.APPLY, text.replace("'1'", "'" + Meta.resourceVersion(made) + "'"));
            assertThat(Meta.uid(again)).isEqualTo(Meta.uid(made));
        }
    }

    @Test
    void applyWithUidNeverCreates() {
        Target target = rig.at("", "configmaps", "default", "a");

        assertThatExceptionOfType(ApiException.class)
                .isThrownBy(() -> rig.patch(
                        target,
                        PatchRequest.Type.APPLY,
                        "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, uid: gone}}"))
                .withMessageEndingWith(
                        "uid mismatch: the provided object specified uid gone, and no existing object was found")
                .satisfies(e -> assertThat(e.code()).isEqualTo(409));
        assertThatExceptionOfType(ApiException.class).isThrownBy(() -> rig.store.get(target, Rig.caller()));
    }

    /// As a node does while somebody resizes its pod or adds a container to it.
    @Test
    void patchesOfAKindsSubresourceHoldThoughSomebodyElseWritesMeanwhile() {
        var other = new Meanwhile(new AtomicInteger(3));
        try (var disturbed = new Rig(other)) {
            disturbed.create("", "pods", "default", "{metadata: {name: p}, spec: {containers: [{name: c, image: a}]}}");
            Target pod = disturbed.at("", "pods", "default", "p");

            ObjectNode resized = disturbed.patch(
                    pod.withSubresource("resize"), PatchRequest.Type.MERGE, "{metadata: {labels: {size: big}}}");

            assertThat(Meta.labels(resized)).containsEntry("size", "big");
            assertThat(other.left()).hasValue(0);
            assertThat(resized.at("/status/message").asText()).isEqualTo("write 1");

            // who says which one is meant means no other
            other.left().set(2);
            String pinned =
                    "{metadata: {resourceVersion: '" + Meta.resourceVersion(resized) + "', labels: {size: small}}}";
            assertThatExceptionOfType(ApiException.class)
                    .isThrownBy(() -> disturbed.patch(pod.withSubresource("resize"), PatchRequest.Type.MERGE, pinned))
                    .satisfies(e -> assertThat(e.code()).isEqualTo(409));
        }
    }

    /// Writes the pod's status while a resize of it is under way, so often.
    private record Meanwhile(AtomicInteger left) implements AdmissionPlugin.Mutating {
        @Override
        public PluginSpec spec() {
            return new PluginSpec("Meanwhile", 1, Set.of(Operation.UPDATE));
        }

        @Override
        public void admit(Request request) {
            if (request.subresource().equals("resize") && left.get() > 0) {
                String told = "{status: {message: write " + left.getAndDecrement() + "}}";
                request.client()
                        .mergePatch(request.resource(), request.namespace(), request.name(), "status", Rig.yaml(told));
            }
        }
    }
}
