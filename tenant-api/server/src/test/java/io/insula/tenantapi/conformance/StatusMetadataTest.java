package io.insula.tenantapi.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// What a write of a status changes in the metadata differs by kind, as upstream's does. What is not stored belongs to
/// nobody either.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class StatusMetadataTest {

    private static final String WORKLOAD =
            "{metadata: {name: it, labels: {mine: before}}, spec: {selector: {matchLabels: {app: x}}, template: {metadata:"
                    + " {labels: {app: x}}, spec: {containers: [{name: c, image: i}]}}}}";

    private TestServer server;

    @BeforeAll
    void start() {
        server = new TestServer();
    }

    @AfterAll
    void stop() {
        server.close();
    }

    @Test
    void mostKindsStoreLabelsAndAnnotations() {
        assertThat(changed("/apis/apps/v1/namespaces/" + server.namespace() + "/daemonsets", WORKLOAD))
                .isEqualTo("after, after");
    }

    @Test
    void aDeploymentKeepsItsLabels() {
        assertThat(changed("/apis/apps/v1/namespaces/" + server.namespace() + "/deployments", WORKLOAD))
                .isEqualTo("before, after");
    }

    @Test
    void otherKindsKeepBoth() {
        assertThat(changed(
                        "/apis/storage.k8s.io/v1/volumeattachments",
                        "{metadata: {name: it, labels: {mine: before}}, spec: {attacher: e2e.example.com, nodeName: n,"
                                + " source: {persistentVolumeName: v}}}"))
                .isEqualTo("before, ");
        assertThat(changed(
                        "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies",
                        "{metadata: {name: it, labels: {mine: before}}, spec: {matchConstraints: {resourceRules: [{apiGroups:"
                                + " [''], apiVersions: [v1], resources: [pods], operations: [CREATE]}]}, validations:"
                                + " [{expression: 'true'}]}}"))
                .isEqualTo("before, ");
    }

    /// The label and the annotation after a write of the status that asks for both.
    private String changed(String collection, String object) {
        server.post(collection, object);
        JsonNode stored = server.patch(
                        collection + "/it/status",
                        "{metadata: {labels: {mine: after}, annotations: {mine: after}}, status: {}}")
                .path("metadata");
        String label = stored.at("/labels/mine").asText();
        String annotation = stored.at("/annotations/mine").asText();
        for (JsonNode manager : stored.path("managedFields")) {
            if (manager.path("subresource").asText().equals("status")) {
                JsonNode owned = manager.at("/fieldsV1/f:metadata");
                assertThat(owned.at("/f:labels").has("f:mine")).isEqualTo(label.equals("after"));
                assertThat(owned.at("/f:annotations").has("f:mine")).isEqualTo(annotation.equals("after"));
            }
        }
        return label + ", " + annotation;
    }
}
