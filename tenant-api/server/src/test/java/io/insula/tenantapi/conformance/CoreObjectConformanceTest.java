package io.insula.tenantapi.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// Pods, services, events, config maps and secrets over HTTP, as upstream's conformance tests use them.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CoreObjectConformanceTest {

    private static final String EVENTS_API = "/apis/events.k8s.io/v1";

    private TestServer server;
    private String name = "";
    private String namespace = "";

    @BeforeAll
    void start() {
        server = new TestServer();
    }

    @AfterAll
    void stop() {
        server.close();
    }

    @BeforeEach
    void newNamespace() {
        name = server.namespace();
        namespace = "/api/v1/namespaces/" + name;
    }

    private HttpRequest.Builder create(String plural, String yaml) {
        return server.request("POST", namespace + "/" + plural, TestServer.JSON, yaml);
    }

    private int count(String collection) {
        return server.get(collection).path("items").size();
    }

    private void deleteAll(String collection) {
        server.json(200, server.request("DELETE", collection, TestServer.JSON, ""));
        assertThat(count(collection)).isZero();
    }

    @Test
    @Conformance(
            value = {
                "[sig-instrumentation] Events should manage the lifecycle of an event [Conformance]",
                "[sig-instrumentation] Events should delete a collection of events [Conformance]"
            },
            weaker = Conformance.NOTHING)
    void eventsOfTheCoreGroup() {
        String events = namespace + "/events";
        String event = """
                {metadata: {name: %s, labels: {testevent-constant: 'true'}}, message: This is a test event, reason: Test,
                 type: Normal, count: 1, involvedObject: {namespace: %s}}""";
        server.json(201, create("events", event.formatted("e", name)));
        assertThat(server.get("/api/v1/events?labelSelector=testevent-constant=true")
                        .path("items"))
                .hasSize(1);
        server.json(
                200,
                server.request(
                        "PATCH",
                        events + "/e",
                        "application/strategic-merge-patch+json",
                        "{message: This is a test event - patched}"));
        ObjectNode patched = server.get(events + "/e").deepCopy();
        assertThat(patched.path("message").asText()).endsWith("patched");
        ObjectNode series = patched.putObject("series");
        series.put("count", 100).put("lastObservedTime", "2024-05-05T05:05:05.000000Z");
        server.put(events + "/e", patched);
        assertThat(server.get(events + "/e").path("series")).isEqualTo(series);
        server.delete(events + "/e");
        assertThat(count("/api/v1/events?labelSelector=testevent-constant=true"))
                .isZero();
        for (String one : List.of("x", "y", "z")) {
            server.json(201, create("events", event.formatted(one, name)));
        }
        assertThat(count(events + "?labelSelector=testevent-constant=true")).isEqualTo(3);
        deleteAll(events + "?labelSelector=testevent-constant=true");
    }

    @Test
    @Conformance(
            value = {
                "[sig-instrumentation] Events API should ensure that an event can be fetched, patched, deleted, and listed"
                        + " [Conformance]",
                "[sig-instrumentation] Events API should delete a collection of events [Conformance]"
            },
            weaker = Conformance.NOTHING)
    void eventsOfTheirOwnGroup() {
        String events = EVENTS_API + "/namespaces/" + name + "/events";
        String event = """
                {metadata: {name: %s, labels: {testevent-set: 'true'}}, regarding: {namespace: %s, kind: Pod},
                 eventTime: '2024-01-01T00:00:00.000000Z', note: This is a test event, action: Do, reason: Test,
                 type: Normal, reportingController: test-controller, reportingInstance: test-node}""";
        server.post(events, event.formatted("e", name));
        assertThat(server.get(EVENTS_API + "/events?labelSelector=testevent-set=true")
                        .path("items"))
                .hasSize(1);
        assertThat(count(events + "?fieldSelector=reportingController=test-controller"))
                .isEqualTo(1);
        assertThat(count(events + "?fieldSelector=reportingController=another")).isZero();
        assertThat(count(namespace + "/events?fieldSelector=reportingComponent=test-controller"))
                .isEqualTo(1);
        assertThat(count(namespace + "/events?fieldSelector=source=test-controller"))
                .isEqualTo(1);
        ObjectNode before = server.get(events + "/e").deepCopy();
        String series = "{count: 2, lastObservedTime: '2024-01-01T01:00:00.000000Z'}";
        server.json(200, server.request("PATCH", events + "/e", TestServer.STRATEGIC, "{series: " + series + "}"));
        before.set("series", TestServer.tree(series));
        assertThat(content(server.get(events + "/e"))).isEqualTo(content(before));
        ObjectNode update = server.get(events + "/e").deepCopy();
        update.putObject("series").put("count", 100).put("lastObservedTime", "2024-01-01T01:00:00.000000Z");
        server.put(events + "/e", update);
        assertThat(content(server.get(events + "/e"))).isEqualTo(content(update));
        server.delete(events + "/e");
        assertThat(count(events)).isZero();
        for (String one : List.of("x", "y", "z")) {
            server.post(events, event.formatted(one, name));
        }
        assertThat(count(events + "?labelSelector=testevent-set=true")).isEqualTo(3);
        deleteAll(events + "?labelSelector=testevent-set=true");
    }

    /// Without what changes with each write.
    private static JsonNode content(JsonNode object) {
        ObjectNode copy = object.deepCopy();
        copy.withObject("/metadata").remove(List.of("resourceVersion", "managedFields"));
        return copy;
    }

    @Test
    @Conformance(
            value = {
                "[sig-node] Sysctls [LinuxOnly] [NodeConformance] should reject invalid sysctls [MinimumKubeletVersion:1.21]"
                        + " [Conformance]",
                "[sig-node] Sysctls [LinuxOnly] [NodeConformance] should reject invalid sysctls [Conformance]"
            },
            weaker = Conformance.NOTHING)
    void refusesNamesOfSysctlsThatNoKernelHas() {
        String message =
                server.refused(422, create("pods", """
                        {metadata: {name: p}, spec: {securityContext: {sysctls: [{name: foo-, value: bar}, {name:
                         kernel.shmmax, value: '100000000'}, {name: safe-and-unsafe, value: '100000000'}, {name: bar..,
                         value: '42'}]}, containers: [{name: c, image: i}]}}""")).path("message").asText();
        assertThat(message)
                .contains("Invalid value: \"foo-\"", "Invalid value: \"bar..\"")
                .doesNotContain("safe-and-unsafe", "kernel.shmmax");
    }

    @Test
    @Conformance(
            value = {
                "[sig-node] ConfigMap should fail to create ConfigMap with empty key [Conformance]",
                "[sig-node] Secrets should fail to create secret due to empty secret key [Conformance]"
            },
            weaker = Conformance.NOTHING)
    void refusesEmptyKeys() {
        JsonNode map = server.refused(422, create("configmaps", "{metadata: {name: empty}, data: {'': value}}"));
        assertThat(map.path("reason").asText()).isEqualTo("Invalid");
        server.refused(422, create("secrets", "{metadata: {name: empty}, data: {'': dmFsdWUtMQ==}}"));
    }

    @Test
    @Conformance(
            value = {
                "[sig-node] ConfigMap should run through a ConfigMap lifecycle [Conformance]",
                "[sig-node] ConfigMap should update ConfigMap successfully [NodeConformance] [Conformance]"
            },
            weaker = Conformance.NOTHING)
    void livesOfConfigMaps() throws IOException {
        String maps = namespace + "/configmaps";
        try (Watched watch = server.watch("/api/v1/configmaps?labelSelector=test-configmap-static=true")) {
            server.json(201, create("configmaps", """
                    {metadata: {name: m, labels: {test-configmap-static: 'true'}}, data: {valueName: value}}"""));
            watch.expect("ADDED", "m");
            assertThat(count("/api/v1/configmaps?labelSelector=test-configmap-static=true"))
                    .isEqualTo(1);
            server.patch(maps + "/m", "{metadata: {labels: {test-configmap: patched}}, data: {valueName: value1}}");
            assertThat(watch.expect("MODIFIED", "m").at("/data/valueName").asText())
                    .isEqualTo("value1");
            ObjectNode update = server.get(maps + "/m").deepCopy();
            update.withObject("/data").put("another", "x");
            assertThat(server.put(maps + "/m", update).at("/data/another").asText())
                    .isEqualTo("x");
            watch.expect("MODIFIED", "m");
            deleteAll(maps + "?labelSelector=test-configmap-static=true");
            watch.expect("DELETED", "m");
        }
    }

    @Test
    @Conformance(value = "[sig-node] Secrets should patch a secret [Conformance]", weaker = Conformance.NOTHING)
    void patchesASecret() {
        String secrets = namespace + "/secrets";
        server.json(201, create("secrets", """
                {metadata: {name: s, labels: {testsecret-constant: 'true'}}, type: Opaque, data: {key: dmFsdWU=}}"""));
        assertThat(count("/api/v1/secrets?labelSelector=testsecret-constant=true"))
                .isEqualTo(1);
        server.json(
                200,
                server.request(
                        "PATCH",
                        secrets + "/s",
                        "application/strategic-merge-patch+json",
                        "{metadata: {labels: {testsecret: 'true'}}, data: {key: dmFsdWUx}}"));
        assertThat(server.get(secrets + "/s").at("/data/key").asText()).isEqualTo("dmFsdWUx");
        deleteAll(secrets + "?labelSelector=testsecret=true");
    }

    @Test
    @Conformance(
            value = "[sig-storage] ConfigMap should be immutable if `immutable` field is set [Conformance]",
            weaker = Conformance.NOTHING)
    void keepsImmutableConfigMaps() {
        staysImmutable("configmaps");
    }

    @Test
    @Conformance(
            value = "[sig-storage] Secrets should be immutable if `immutable` field is set [Conformance]",
            weaker = Conformance.NOTHING)
    void keepsImmutableSecrets() {
        staysImmutable("secrets");
    }

    private void staysImmutable(String plural) {
        String path = namespace + "/" + plural + "/fixed";
        server.json(201, create(plural, "{metadata: {name: fixed}, data: {data-1: dmFsdWUtMQ==}}"));
        ObjectNode object = server.get(path).deepCopy();
        object.withObject("/data").put("data-2", "dmFsdWUtMg==");
        object = server.put(path, object).deepCopy();
        object = server.put(path, object.put("immutable", true)).deepCopy();
        ObjectNode data = object.deepCopy();
        data.withObject("/data").put("data-3", "dmFsdWUtMw==");
        server.refused(422, server.raw("PUT", path, TestServer.JSON, Json.bytes(data)));
        ObjectNode loose = object.deepCopy().put("immutable", false);
        server.refused(422, server.raw("PUT", path, TestServer.JSON, Json.bytes(loose)));
        ObjectNode labelled = object.deepCopy();
        labelled.withObject("/metadata/labels").put("label1", "value1");
        assertThat(server.put(path, labelled).at("/metadata/labels/label1").asText())
                .isEqualTo("value1");
        server.delete(path);
    }

    @Test
    @Conformance(
            value = "[sig-network] Services should complete a service status lifecycle [Conformance]",
            weaker = Conformance.NOTHING)
    void statusOfAService() throws IOException {
        String services = namespace + "/services";
        try (Watched watch = server.watch(services + "?labelSelector=test-service-static=true")) {
            server.json(201, create("services", """
                    {metadata: {name: s, labels: {test-service-static: 'true'}}, spec: {type: LoadBalancer, ports: [{name:
                     http, protocol: TCP, port: 80, targetPort: 80}]}}"""));
            watch.expect("ADDED", "s");
            String status = services + "/s/status";
            assertThat(server.get(status).path("status").has("loadBalancer")).isTrue();
            server.patch(
                    status,
                    "{metadata: {annotations: {patchedstatus: 'true'}}, status: {loadBalancer: {ingress: [{ip:"
                            + " 203.0.113.1}]}}}");
            assertThat(watch.expect("MODIFIED", "s")
                            .at("/status/loadBalancer/ingress/0/ip")
                            .asText())
                    .isEqualTo("203.0.113.1");
            ObjectNode update = server.get(services + "/s").deepCopy();
            update.withObject("/status").putArray("conditions").add(TestServer.tree("""
                    {type: StatusUpdate, status: 'True', reason: E2E, message: Set from e2e test,
                     lastTransitionTime: '2024-01-01T00:00:00Z'}"""));
            server.put(status, update);
            assertThat(watch.expect("MODIFIED", "s")
                            .at("/status/conditions/0/reason")
                            .asText())
                    .isEqualTo("E2E");
            server.patch(services + "/s", "{metadata: {labels: {test-service: patched}}}");
            watch.expect("MODIFIED", "s");
            server.delete(services + "/s");
            watch.expect("DELETED", "s");
        }
    }

    @Test
    @Conformance(
            value = "[sig-network] Services should delete a collection of services [Conformance]",
            weaker = Conformance.NOTHING)
    void deletesServicesByLabel() {
        for (String one : List.of("a", "b", "c")) {
            server.json(201, create("services", """
                    {metadata: {name: %s, labels: {e2e: %s}}, spec: {ports: [{port: 80}]}}""".formatted(one, one.equals("c") ? "other" : "x")));
        }
        assertThat(count(namespace + "/services")).isEqualTo(3);
        deleteAll(namespace + "/services?labelSelector=e2e=x");
        assertThat(count(namespace + "/services")).isEqualTo(1);
    }

    @Test
    @Conformance(
            value = {
                "[sig-network] Services should find a service from listing all namespaces [Conformance]",
                "[sig-network] Services should provide secure master service [Conformance]",
                "[sig-network] API Server should provide secure master service [Conformance]"
            },
            weaker = Conformance.NOTHING)
    void findsItsOwnService() {
        JsonNode service = server.get("/api/v1/namespaces/default/services/kubernetes");
        assertThat(service.at("/spec/ports/0/port").asInt()).isEqualTo(443);
        assertThat(service.at("/spec/ports/0/name").asText()).isEqualTo("https");
        assertThat(server.get("/api/v1/services").path("items")).contains(withoutKind(service));
    }

    private static JsonNode withoutKind(JsonNode object) {
        ObjectNode item = object.deepCopy();
        item.remove(List.of("kind", "apiVersion"));
        return item;
    }

    @Test
    @Conformance(
            value = {
                "[sig-network] EndpointSlice should have Endpoints and EndpointSlices pointing to API Server [Conformance]",
                "[sig-network] API Server should have Endpoints and EndpointSlices pointing to API Server [Conformance]"
            },
            weaker = Conformance.NOTHING)
    void publishesItsOwnEndpoints() {
        try (var advertised = TestServer.advertising("10.1.2.3", 6443)) {
            JsonNode endpoints = advertised.get("/api/v1/namespaces/default/endpoints/kubernetes");
            JsonNode slices = advertised.get("/apis/discovery.k8s.io/v1/namespaces/default/endpointslices"
                    + "?labelSelector=kubernetes.io/service-name=kubernetes");
            assertThat(endpoints.at("/subsets/0/addresses/0/ip").asText()).isEqualTo("10.1.2.3");
            assertThat(slices.at("/items/0/endpoints/0/addresses/0").asText()).isEqualTo("10.1.2.3");
            assertThat(slices.at("/items/0/ports/0/port")).isEqualTo(endpoints.at("/subsets/0/ports/0/port"));
            assertThat(slices.at("/items/0/ports/0/name")).isEqualTo(endpoints.at("/subsets/0/ports/0/name"));
        }
    }

    @Test
    @Conformance(
            value = {
                "[sig-network] Services should test the lifecycle of an Endpoint [Conformance]",
                "[sig-network] Endpoints should test the lifecycle of an Endpoint [Conformance]"
            },
            weaker = Conformance.NOTHING)
    void livesOfEndpoints() throws IOException {
        String endpoints = namespace + "/endpoints";
        try (Watched watch = server.watch(endpoints + "?labelSelector=test-endpoint-static=true")) {
            server.json(201, create("endpoints", """
                    {metadata: {name: testservice, labels: {test-endpoint-static: 'true'}}, subsets: [{addresses: [{ip:
                     10.0.0.24}], ports: [{name: http, port: 80, protocol: TCP}]}]}"""));
            watch.expect("ADDED", "testservice");
            assertThat(count("/api/v1/endpoints?labelSelector=test-endpoint-static=true"))
                    .isEqualTo(1);
            ObjectNode update = server.get(endpoints + "/testservice").deepCopy();
            update.withObject("/metadata/labels").put("test-service", "updated");
            server.put(endpoints + "/testservice", update);
            assertThat(watch.expect("MODIFIED", "testservice")
                            .at("/metadata/labels/test-service")
                            .asText())
                    .isEqualTo("updated");
            server.json(
                    200,
                    server.request(
                            "PATCH",
                            endpoints + "/testservice",
                            "application/strategic-merge-patch+json",
                            "{subsets: [{addresses: [{ip: 10.0.0.25}], ports: [{name: http-test, port: 8080}]}]}"));
            JsonNode patched = watch.expect("MODIFIED", "testservice");
            assertThat(patched.at("/subsets/0/addresses/0/ip").asText()).isEqualTo("10.0.0.25");
            assertThat(patched.at("/subsets/0/ports/0/port").asInt()).isEqualTo(8080);
            deleteAll(endpoints + "?labelSelector=test-endpoint-static=true");
            watch.expect("DELETED", "testservice");
        }
    }

    @Test
    @Conformance(
            value =
                    "[sig-node] Pods Extended Pods Set QOS Class should be set on Pods with matching resource requests and"
                            + " limits for memory and cpu [Conformance]",
            weaker = Conformance.NOTHING)
    void saysThePodsClassOfService() {
        JsonNode pod = server.json(201, create("pods", """
                {metadata: {name: p}, spec: {containers: [{name: c, image: i, resources: {requests: {cpu: 100m, memory:
                 100Mi}, limits: {cpu: 100m, memory: 100Mi}}}]}}"""));
        assertThat(pod.at("/status/qosClass").asText()).isEqualTo("Guaranteed");
    }

    @Test
    @Conformance(
            value = {
                "[sig-node] RuntimeClass should reject a Pod requesting a non-existent RuntimeClass [NodeConformance]"
                        + " [Conformance]",
                "[sig-node] RuntimeClass should reject a Pod requesting a deleted RuntimeClass [NodeConformance] [Conformance]"
            },
            weaker = Conformance.NOTHING)
    void refusesPodsOfMissingRuntimeClasses() {
        String pod = "{metadata: {name: %s}, spec: {runtimeClassName: %s, containers: [{name: c, image: i}]}}";
        JsonNode never = server.refused(403, create("pods", pod.formatted("p", "nonexistent")));
        assertThat(never.path("message").asText()).contains("RuntimeClass \"nonexistent\" not found");
        server.post("/apis/node.k8s.io/v1/runtimeclasses", "{metadata: {name: soon-gone}, handler: h}");
        server.json(201, create("pods", pod.formatted("q", "soon-gone")));
        server.delete("/apis/node.k8s.io/v1/runtimeclasses/soon-gone");
        server.refused(403, create("pods", pod.formatted("r", "soon-gone")));
    }

    @Test
    @Conformance(
            value = {
                "[sig-storage] CSIInlineVolumes should support CSIVolumeSource in Pod API [Conformance]",
                "[sig-node] Kubelet when scheduling a busybox command that always fails in a pod should be possible to delete"
                        + " [NodeConformance] [Conformance]"
            },
            weaker = Conformance.NOTHING)
    void takesInlineVolumesAndForgetsThePod() {
        JsonNode pod = server.json(201, create("pods", """
                {metadata: {name: inline}, spec: {containers: [{name: c, image: i, volumeMounts: [{name: v, mountPath:
                 /mnt/volume1}]}], volumes: [{name: v, csi: {driver: e2e.example.com, readOnly: true, volumeAttributes:
                 {size: 1Gi}}}]}}"""));
        JsonNode read = server.get(namespace + "/pods/inline");
        assertThat(read.at("/metadata/uid")).isEqualTo(pod.at("/metadata/uid"));
        assertThat(read.at("/spec/volumes/0/csi/driver").asText()).isEqualTo("e2e.example.com");
        assertThat(server.patch(namespace + "/pods/inline", "{metadata: {labels: {inline: patched}}}")
                        .at("/metadata/labels/inline")
                        .asText())
                .isEqualTo("patched");
        assertThat(count("/api/v1/pods?labelSelector=inline=patched")).isEqualTo(1);
        assertThat(count(namespace + "/pods")).isEqualTo(1);
        server.patch(
                namespace + "/pods/inline/status",
                "{status: {phase: Failed, containerStatuses: [{name: c, image: i, imageID: '', ready: false, restartCount:"
                        + " 0, state: {terminated: {exitCode: 1, reason: Error}}}]}}");
        server.delete(namespace + "/pods/inline");
        assertThat(server.has(namespace + "/pods/inline")).isFalse();
    }

    @Test
    @Conformance(
            value = "[sig-auth] SubjectReview should support SubjectReview API operations [Conformance]",
            weaker = Conformance.NOTHING)
    void reviewsSayWhatRequestsGet() {
        server.json(201, create("serviceaccounts", "{metadata: {name: e2e}}"));
        String user = "system:serviceaccount:" + name + ":e2e";
        String groups = "system:authenticated, system:serviceaccounts, 'system:serviceaccounts:" + name + "'";
        assertThat(allowed(user, groups)).isFalse().isEqualTo(lists(user));
        server.post(
                "/apis/rbac.authorization.k8s.io/v1/namespaces/" + name + "/rolebindings",
                "{metadata: {name: view}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view},"
                        + " subjects: [{kind: ServiceAccount, name: e2e, namespace: " + name + "}]}");
        TestServer.await("the right to be known", () -> allowed(user, groups));
        assertThat(lists(user)).isTrue();
    }

    private boolean allowed(String user, String groups) {
        String spec =
                "{%sspec: {resourceAttributes: {verb: list, resource: configmaps, namespace: %s, version: v1}, user: '%s', groups: [%s]}}";
        String group = "/apis/authorization.k8s.io/v1";
        JsonNode wide = server.post(group + "/subjectaccessreviews", spec.formatted("", name, user, groups));
        JsonNode local = server.post(
                group + "/namespaces/" + name + "/localsubjectaccessreviews",
                spec.formatted("metadata: {namespace: " + name + "}, ", name, user, groups));
        assertThat(local.at("/status/allowed")).isEqualTo(wide.at("/status/allowed"));
        return wide.at("/status/allowed").asBoolean();
    }

    private boolean lists(String user) {
        var request = server.request("GET", namespace + "/configmaps", TestServer.JSON, "")
                .header("Impersonate-User", user)
                .header("Impersonate-Group", "system:serviceaccounts:" + name)
                .header("Impersonate-Group", "system:serviceaccounts")
                .header("Impersonate-Group", "system:authenticated");
        return server.send(request).statusCode() == 200;
    }
}
