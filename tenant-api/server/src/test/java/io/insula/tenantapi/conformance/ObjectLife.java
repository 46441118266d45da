package io.insula.tenantapi.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// What upstream asks of the API of every kind: that discovery tells of it, and create, get, list, watch,
/// patch, update, delete and delete of a collection, and the same of its status.
final class ObjectLife {

    private static final String LABEL = "special-label=conformance";

    private final TestServer server;
    private final String groupVersion;
    private final String plural;
    private final String collection;
    private final String everywhere;
    private final boolean namespaced;

    /// @param groupVersion `v1` or `group/version`
    /// @param namespace empty for a cluster-scoped kind
    ObjectLife(TestServer server, String groupVersion, String plural, String namespace) {
        this.server = server;
        this.groupVersion = groupVersion;
        this.plural = plural;
        String root = (groupVersion.equals("v1") ? "/api/" : "/apis/") + groupVersion;
        this.everywhere = root + "/" + plural;
        this.namespaced = !namespace.isEmpty();
        this.collection = namespaced ? root + "/namespaces/" + namespace + "/" + plural : everywhere;
    }

    String path(String name) {
        return collection + "/" + name;
    }

    /// An object to make, without metadata.
    record One(String name, String template) {}

    /// Three objects with these names.
    static List<One> three(String name, String template) {
        return List.of(new One(name + "-0", template), new One(name + "-1", template), new One(name + "-2", template));
    }

    /// @param name of the objects, `-0`, `-1` and `-2` after it
    void run(String name, String template) {
        run(three(name, template));
    }

    void run(List<One> objects) {
        tellsDiscovery(plural);
        List<JsonNode> made = create(objects);
        String first = objects.getFirst().name();
        assertThat(server.get(path(first)).at("/metadata/uid"))
                .isEqualTo(made.getFirst().at("/metadata/uid"));
        assertThat(listed()).isEqualTo(objects.size());
        if (namespaced) {
            assertThat(server.get(everywhere + "?labelSelector=" + LABEL).path("items"))
                    .hasSize(objects.size());
        }
        String from = made.getLast().at("/metadata/resourceVersion").asText();
        String changes = "?labelSelector=" + LABEL + "&resourceVersion=" + from;
        try (Watched watch = server.watch(collection + changes);
                Watched everywhereElse = server.watch(everywhere + changes)) {
            changes(first);
            everywhereElse.until("MODIFIED", "/metadata/annotations/patched", "true");
            watch.until("MODIFIED", "/metadata/annotations/patched", "true");
            watch.until("MODIFIED", "/metadata/annotations/updated", "true");
            server.delete(path(first));
            awaitGone(first);
            assertThat(listed()).isEqualTo(objects.size() - 1);
            server.json(200, server.request("DELETE", collection + "?labelSelector=" + LABEL, TestServer.JSON, ""));
            TestServer.await("all to go", () -> listed() == 0);
            watch.until("DELETED", "/metadata/name", first);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private void changes(String name) {
        JsonNode patched = server.patch(path(name), "{metadata: {annotations: {patched: 'true'}}}");
        assertThat(patched.at("/metadata/annotations/patched").asText()).isEqualTo("true");
        JsonNode updated = replace(path(name), "updated");
        assertThat(updated.at("/metadata/annotations/updated").asText()).isEqualTo("true");
        ObjectNode stale = patched.deepCopy();
        server.refused(409, server.raw("PUT", path(name), TestServer.JSON, Json.bytes(stale)));
    }

    /// Each type of patch changes a new object, or its status, while somebody watches.
    ///
    /// @param subresource `status` or empty
    /// @param change what is patched, of which `pointer` leads to `text` then
    void runPatches(String name, String template, String subresource, String change, String pointer, String text) {
        String below = subresource.isEmpty() ? "" : "/" + subresource;
        for (String type : List.of(TestServer.STRATEGIC, TestServer.MERGE, TestServer.JSON_PATCH, TestServer.APPLY)) {
            JsonNode made = create(List.of(new One(name, template))).getFirst();
            String from = made.at("/metadata/resourceVersion").asText();
            try (Watched watch = server.watch(collection + "?labelSelector=" + LABEL + "&resourceVersion=" + from)) {
                String options = type.equals(TestServer.APPLY) ? "?fieldManager=e2e&force=true" : "";
                JsonNode patched = server.json(
                        200, server.raw("PATCH", path(name) + below + options, type, patch(type, made, change)));
                assertThat(patched.at(pointer).asText()).as(type).isEqualTo(text);
                JsonNode seen = watch.until("MODIFIED", pointer, text);
                assertThat(seen.at("/metadata/uid")).isEqualTo(made.at("/metadata/uid"));
                assertThat(server.get(path(name)).at(pointer).asText()).isEqualTo(text);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
            server.delete(path(name));
            awaitGone(name);
        }
    }

    /// For this very object.
    private static byte[] patch(String type, JsonNode made, String change) {
        ObjectNode whole = TestServer.tree(change);
        if (type.equals(TestServer.JSON_PATCH)) {
            var operations = Json.MAPPER.createArrayNode();
            for (String pointer : List.of("/metadata/labels", "/spec", "/status")) {
                JsonNode value = whole.at(pointer);
                if (!value.isMissingNode()) {
                    operations.addObject().put("op", "add").put("path", pointer).set("value", value);
                }
            }
            return Json.bytes(operations);
        }
        whole.put("apiVersion", made.path("apiVersion").asText())
                .put("kind", made.path("kind").asText());
        whole.withObject("/metadata").put("name", made.at("/metadata/name").asText());
        whole.withObject("/metadata").put("uid", made.at("/metadata/uid").asText());
        return Json.bytes(whole);
    }

    /// Adds an annotation, anew when somebody else has written in between.
    private JsonNode replace(String path, String annotation) {
        for (int attempt = 0; ; attempt++) {
            ObjectNode update = server.get(path).deepCopy();
            update.withObject("/metadata/annotations").put(annotation, "true");
            var answer = server.send(server.raw("PUT", path, TestServer.JSON, Json.bytes(update)));
            if (answer.statusCode() != 409 || attempt == 10) {
                assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
                return Json.parse(answer.body().getBytes(StandardCharsets.UTF_8));
            }
        }
    }

    /// @param status of a status
    /// @param text to be found in it from then on
    void runStatus(String name, String template, String status, String text) {
        tellsDiscovery(plural + "/status");
        JsonNode made = create(List.of(new One(name, template))).getFirst();
        String path = path(name) + "/status";
        assertThat(server.get(path).at("/metadata/uid")).isEqualTo(made.at("/metadata/uid"));
        JsonNode patched =
                server.patch(path, "{metadata: {annotations: {patchedstatus: 'true'}}, status: " + status + "}");
        assertThat(patched.path("status").toString()).contains(text);
        JsonNode updated = replace(path, "updatedstatus");
        assertThat(updated.path("status").toString()).contains(text);
        assertThat(server.get(path(name)).path("status").toString()).contains(text);
        server.delete(path(name));
        awaitGone(name);
    }

    /// Replaces and patches the status of a new object while somebody watches; the object itself takes no status.
    ///
    /// @param replaced a status, of which `pointer` leads to `text` when it has been put
    /// @param patched the same for a patch
    void runStatusLife(String name, String template, Said replaced, Said patched) {
        keepStatus(name, template, replaced, patched);
        server.delete(path(name));
        awaitGone(name);
    }

    /// The same of an object that waits for its controller before it goes.
    void keepStatus(String name, String template, Said replaced, Said patched) {
        tellsDiscovery(plural + "/status");
        JsonNode made = create(List.of(new One(name, template))).getFirst();
        String path = path(name) + "/status";
        assertThat(server.get(path).at("/metadata/uid")).isEqualTo(made.at("/metadata/uid"));
        String from = made.at("/metadata/resourceVersion").asText();
        try (Watched watch = server.watch(collection + "?labelSelector=" + LABEL + "&resourceVersion=" + from)) {
            ObjectNode update = server.get(path).deepCopy();
            update.withObjectProperty("status").setAll(TestServer.tree(replaced.status()));
            JsonNode put = server.json(200, server.raw("PUT", path, TestServer.JSON, Json.bytes(update)));
            assertThat(put.at("/status" + replaced.pointer()).asText()).isEqualTo(replaced.text());
            watch.until("MODIFIED", "/status" + replaced.pointer(), replaced.text());

            JsonNode merged = server.patch(path, "{status: " + patched.status() + "}");
            assertThat(merged.at("/status" + patched.pointer()).asText()).isEqualTo(patched.text());
            watch.until("MODIFIED", "/status" + patched.pointer(), patched.text());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        JsonNode unmoved = server.patch(path(name), "{status: " + replaced.status() + "}");
        assertThat(unmoved.at("/status" + patched.pointer()).asText())
                .as("the object itself takes no status")
                .isEqualTo(patched.text());
    }

    /// A status in YAML, and a text in it.
    record Said(String status, String pointer, String text) {
        static Said condition(String type) {
            return new Said(
                    "{conditions: [{type: " + type + ", status: 'True', reason: E2E, message: Set from e2e test,"
                            + " lastTransitionTime: '2026-01-01T00:00:00Z', lastProbeTime: null}]}",
                    "/conditions/0/type",
                    type);
        }
    }

    private List<JsonNode> create(List<One> objects) {
        var made = new ArrayList<JsonNode>();
        for (One one : objects) {
            ObjectNode object = TestServer.tree(one.template());
            ObjectNode metadata = object.withObject("/metadata");
            metadata.put("name", one.name());
            metadata.withObject("/labels").put("special-label", "conformance");
            made.add(server.json(201, server.raw("POST", collection, TestServer.JSON, Json.bytes(object))));
        }
        return made;
    }

    private int listed() {
        return server.get(collection + "?labelSelector=" + LABEL).path("items").size();
    }

    private void awaitGone(String name) {
        TestServer.await(name + " to go", () -> !server.has(path(name)));
    }

    private void tellsDiscovery(String resource) {
        boolean core = groupVersion.equals("v1");
        if (!core) {
            String group = groupVersion.substring(0, groupVersion.indexOf('/'));
            assertThat(server.get("/apis").path("groups").findValuesAsText("name"))
                    .contains(group);
            assertThat(server.get("/apis/" + group).path("versions").findValuesAsText("groupVersion"))
                    .contains(groupVersion);
        }
        JsonNode resources = server.get((core ? "/api/" : "/apis/") + groupVersion);
        assertThat(resources.path("groupVersion").asText()).isEqualTo(groupVersion);
        assertThat(resources.path("resources").findValuesAsText("name")).contains(resource);
    }
}
