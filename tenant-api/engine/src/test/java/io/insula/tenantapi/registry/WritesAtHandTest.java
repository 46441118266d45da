package io.insula.tenantapi.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.auth.UserInfo;
import io.insula.tenantapi.wire.Decoded;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Writes that begin from memory end as those that begin from the store, whatever another server of the same store did.
class WritesAtHandTest {

    private static final String NAME = "settings";
    private static final String KEY = StoredWorld.key(NAME);

    private final AtomicReference<StaleStorage> stale = new AtomicReference<>();
    private final StoredWorld world = new StoredWorld(storage -> {
        stale.set(new StaleStorage(storage));
        return stale.get();
    });
    private final ObjectStore store = new ObjectStore(world.engine);
    private final Target target = Target.object(world.kind, "default", NAME);
    private final Caller caller = Caller.of(UserInfo.loopback(), "test");

    @AfterEach
    void close() {
        world.close();
    }

    @Test
    void asksTheStoreForNothingWhereTheLatestIsAtHand() {
        world.create(NAME, "one");
        memory().note(KEY);

        ObjectNode stored = merge("{\"data\":{\"more\":\"x\"}}");

        assertThat(stored.path("data").toString()).isEqualTo("{\"on\":\"one\",\"more\":\"x\"}");
        assertThat(memory().latestReads()).isZero();
    }

    @Test
    void patchesTheLatestWhereWhatIsAtHandIsOld() {
        world.create(NAME, "one");
        memory().note(KEY);
        world.update(NAME, "two");

        ObjectNode stored = merge("{\"data\":{\"more\":\"x\"}}");

        assertThat(stored.path("data").toString()).isEqualTo("{\"on\":\"two\",\"more\":\"x\"}");
        assertThat(stored.path("metadata").path("labels").path("on").asText()).isEqualTo("two");
    }

    @Test
    void findsThatThereIsNothingToChangeOnlyOfTheLatest() {
        world.create(NAME, "one");
        memory().note(KEY);
        long changed = world.update(NAME, "two");

        ObjectNode stored = merge("{\"data\":{\"on\":\"one\"}}");

        assertThat(stored.path("data").path("on").asText()).isEqualTo("one");
        assertThat(Long.parseLong(Meta.resourceVersion(stored))).isGreaterThan(changed);
        assertThat(store.get(target, caller).path("data").path("on").asText()).isEqualTo("one");
    }

    @Test
    void writesNothingWhereNothingChanges() {
        long created = world.create(NAME, "one");
        memory().note(KEY);

        ObjectNode stored = merge("{\"data\":{\"on\":\"one\"},\"metadata\":{\"resourceVersion\":\"" + created + "\"}}");

        assertThat(Meta.resourceVersion(stored)).isEqualTo(Long.toString(created));
        assertThat(world.storage.currentRevision()).isEqualTo(created);
    }

    @Test
    void refusesByTheLatestOnly() {
        world.create(NAME, "one");
        memory().note(KEY);
        long latest = world.update(NAME, "two");
        ObjectNode wanted = Json.parse(StoredWorld.stored(NAME, "three"));
        Meta.of(wanted).put("resourceVersion", Long.toString(latest));

        ObjectNode stored =
                store.update(target, body(wanted), WriteOptions.DEFAULT, caller).object();

        assertThat(stored.path("data").path("on").asText()).isEqualTo("three");
    }

    @Test
    void refusesAWriteThatNamesAnOlderVersionThoughThatIsAtHand() {
        long old = world.create(NAME, "one");
        memory().note(KEY);
        world.update(NAME, "two");
        ObjectNode wanted = Json.parse(StoredWorld.stored(NAME, "three"));
        Meta.of(wanted).put("resourceVersion", Long.toString(old));

        assertThatThrownBy(() -> store.update(target, body(wanted), WriteOptions.DEFAULT, caller))
                .isInstanceOf(ApiException.class)
                .hasMessageContaining("the object has been modified");
        assertThat(store.get(target, caller).path("data").path("on").asText()).isEqualTo("two");
    }

    @Test
    void findsNothingWhereTheStoreHasItNoMore() {
        world.create(NAME, "one");
        memory().note(KEY);
        world.delete(NAME);

        assertThatThrownBy(() -> merge("{\"data\":{\"more\":\"x\"}}")).hasMessageContaining("not found");
    }

    @Test
    void findsWhatIsNotAtHandYet() {
        memory().note(KEY);
        world.create(NAME, "one");

        assertThat(merge("{\"data\":{\"more\":\"x\"}}").path("data").size()).isEqualTo(2);
    }

    /// Apply creates what is missing: what another server has just made is not missing.
    @Test
    void appliesToWhatIsNotAtHandYet() {
        memory().note(KEY);
        world.create(NAME, "one");
        WriteOutcome outcome = apply("{\"data\":{\"more\":\"x\"}}");

        assertThat(outcome.created()).isFalse();
        assertThat(outcome.object().path("data").toString()).isEqualTo("{\"on\":\"one\",\"more\":\"x\"}");
    }

    /// Apply creates what is missing: what another server has just removed is missing.
    @Test
    void appliesAnewWhatIsAtHandButGone() {
        world.create(NAME, "one");
        memory().note(KEY);
        world.delete(NAME);

        WriteOutcome outcome = apply("{\"data\":{\"more\":\"x\"}}");

        assertThat(outcome.created()).isTrue();
        assertThat(outcome.object().path("data").toString()).isEqualTo("{\"more\":\"x\"}");
    }

    @Test
    void putsAnewWhatIsAtHandButGone() {
        Target lease = Target.object(world.kind("coordination.k8s.io", "leases"), "default", "held");
        ObjectNode body =
                (ObjectNode) json("{\"apiVersion\":\"coordination.k8s.io/v1\",\"kind\":\"Lease\",\"metadata\":"
                        + "{\"name\":\"held\"},\"spec\":{\"holderIdentity\":\"me\"}}");
        assertThat(store.update(lease, body(body.deepCopy()), WriteOptions.DEFAULT, caller)
                        .created())
                .isTrue();
        memory().note(StoredObjects.key(lease));
        store.delete(lease, DeleteOptions.of(Json.object()), caller);

        assertThat(store.update(lease, body(body), WriteOptions.DEFAULT, caller).created())
                .isTrue();
    }

    /// A write of which nobody knows whether it was made is not made again.
    @Test
    void writesOnceWhereTheAnswerIsLost() {
        world.create(NAME, "one");
        memory().note(KEY);
        memory().loseAnswers();

        assertThatThrownBy(() -> patch(
                        PatchRequest.Type.JSON,
                        "[{\"op\":\"copy\",\"from\":\"/data/on\",\"path\":\"/data/copy\"},"
                                + "{\"op\":\"replace\",\"path\":\"/data/on\",\"value\":\"written\"}]"))
                .hasMessageContaining("whether a write happened is unknown");

        assertThat(store.get(target, caller).path("data").toString())
                .isEqualTo("{\"on\":\"written\",\"copy\":\"one\"}");
    }

    /// What another server has added holds the object back: the removal of the last finalizer at hand was not that of
    /// the last one.
    @Test
    void doesNotEndWhatSomebodyElseHasTakenHoldOf() {
        world.storage.create(KEY, finalized("one"), Duration.ZERO);
        memory().note(KEY);
        store(finalized("one", "two"));

        ObjectNode stored = patch(PatchRequest.Type.JSON, "[{\"op\":\"remove\",\"path\":\"/metadata/finalizers/0\"}]");

        assertThat(Meta.finalizers(stored)).containsExactly("two");
        assertThat(store.get(target, caller)).isEqualTo(stored);
    }

    @Test
    void endsWhatIsHeldBackByNobodyAnyMore() {
        world.storage.create(KEY, finalized("one"), Duration.ZERO);
        memory().note(KEY);

        patch(PatchRequest.Type.JSON, "[{\"op\":\"remove\",\"path\":\"/metadata/finalizers/0\"}]");

        assertThat(world.storage.get(KEY)).isEmpty();
    }

    @Test
    void knowsTheUidOfTheLatestOnly() {
        world.storage.create(KEY, identified("old"), Duration.ZERO);
        memory().note(KEY);
        world.delete(NAME);
        world.storage.create(KEY, identified("new"), Duration.ZERO);

        assertThatThrownBy(() -> merge("{\"metadata\":{\"uid\":\"old\"},\"data\":{\"more\":\"x\"}}"))
                .hasMessageContaining("UID in precondition: old, UID in object meta: new");
        assertThat(Meta.uid(merge("{\"metadata\":{\"uid\":\"new\"},\"data\":{\"more\":\"x\"}}")))
                .isEqualTo("new");
    }

    /// A refusal by what is at hand is no refusal, and no rule that holds by now is passed by what held before.
    @Test
    void judgesByTheLatestOnly() {
        world.storage.create(KEY, immutable(true), Duration.ZERO);
        memory().note(KEY);
        store(immutable(false));

        assertThat(merge("{\"data\":{\"more\":\"x\"}}")
                        .path("data")
                        .path("more")
                        .asText())
                .isEqualTo("x");

        memory().note(KEY);
        store(immutable(true));
        assertThatThrownBy(() -> merge("{\"data\":{\"more\":\"y\"}}")).hasMessageContaining("field is immutable");
    }

    @Test
    void triesOutOnTheLatest() {
        world.create(NAME, "one");
        memory().note(KEY);
        long latest = world.update(NAME, "two");

        ObjectNode tried = store.patch(
                        target,
                        new PatchRequest(PatchRequest.Type.MERGE, json("{\"data\":{\"more\":\"x\"}}"), List.of()),
                        new WriteOptions("", true, WriteOptions.FieldValidation.IGNORE, false),
                        caller)
                .object();

        assertThat(tried.path("data").toString()).isEqualTo("{\"on\":\"two\",\"more\":\"x\"}");
        assertThat(world.storage.currentRevision()).isEqualTo(latest);
    }

    @Test
    void warnsOfTheLatestOnly() {
        String owner = "{\"apiVersion\":\"v1\",\"kind\":\"Node\",\"name\":\"n\",\"uid\":\"u\"}";
        world.create(NAME, "one");
        memory().note(KEY);
        world.update(NAME, "two");

        merge("{\"metadata\":{\"ownerReferences\":[" + owner + "," + owner + "]}}");

        assertThat(caller.warnings()).hasSize(1);
    }

    private StaleStorage memory() {
        return stale.get();
    }

    private ObjectNode merge(String patch) {
        return patch(PatchRequest.Type.MERGE, patch);
    }

    private ObjectNode patch(PatchRequest.Type type, String patch) {
        return store.patch(target, new PatchRequest(type, json(patch), List.of()), WriteOptions.DEFAULT, caller)
                .object();
    }

    private WriteOutcome apply(String fields) {
        ObjectNode applied = (ObjectNode) json(fields);
        applied.put("apiVersion", "v1").put("kind", "ConfigMap");
        Meta.of(applied).put("name", NAME);
        return store.patch(
                target,
                new PatchRequest(PatchRequest.Type.APPLY, applied, List.of()),
                new WriteOptions("me", false, WriteOptions.FieldValidation.IGNORE, true),
                caller);
    }

    private static Decoded body(ObjectNode object) {
        return new Decoded(object, List.of());
    }

    /// As another server does.
    private void store(byte[] object) {
        long revision = world.storage.get(KEY).orElseThrow().modRevision();
        world.storage.update(KEY, object, revision);
    }

    private static JsonNode json(String text) {
        try {
            return Json.MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(text, e);
        }
    }

    /// A config map with this in its metadata.
    private static byte[] changed(Consumer<ObjectNode> change) {
        ObjectNode object = Json.parse(StoredWorld.stored(NAME, "one"));
        change.accept(object);
        return Json.bytes(object);
    }

    private static byte[] identified(String uid) {
        return changed(object -> Meta.of(object).put("uid", uid));
    }

    private static byte[] immutable(boolean is) {
        return changed(object -> object.put("immutable", is));
    }

    private static byte[] finalized(String... by) {
        return changed(object -> {
            var finalizers = Meta.of(object)
                    .put("deletionTimestamp", "2026-11-30T00:00:00Z")
                    .put("deletionGracePeriodSeconds", 0)
                    .putArray("finalizers");
            List.of(by).forEach(finalizers::add);
        });
    }
}
