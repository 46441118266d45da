package io.insula.tenantapi.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.conformance.ObjectLife.One;
import io.insula.tenantapi.conformance.ObjectLife.Said;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// The kinds whose API upstream asks for verb by verb.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ApiOperationsTest {

    private static final String ADMISSION = "admissionregistration.k8s.io/v1";
    private static final String STORAGE = "storage.k8s.io/v1";
    private static final String CONDITION =
            "{conditions: [{type: %s, status: 'True', reason: E2E, message: set by e2e, lastTransitionTime: '2024-01-01T00:00:00Z'}]}";

    private static final String LABELLED = "{metadata: {labels: {patched: 'yes', special-label: conformance}}}";

    private TestServer server;
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
        namespace = server.namespace();
    }

    private ObjectLife life(String groupVersion, String plural) {
        return new ObjectLife(server, groupVersion, plural, namespace);
    }

    private ObjectLife clusterLife(String groupVersion, String plural) {
        return new ObjectLife(server, groupVersion, plural, "");
    }

    @Test
    @Conformance(
            value =
                    "[sig-api-machinery] API priority and fairness should support FlowSchema API operations [Conformance]",
            weaker = Conformance.NOTHING)
    void flowSchemas() {
        ObjectLife life = clusterLife("flowcontrol.apiserver.k8s.io/v1", "flowschemas");
        String template = """
                {spec: {matchingPrecedence: 10000, priorityLevelConfiguration: {name: global-default},
                 distinguisherMethod: {type: ByUser}, rules: [{subjects: [{kind: User, user: {name: example-e2e}}],
                 nonResourceRules: [{verbs: ['*'], nonResourceURLs: ['*']}]}]}}""";
        life.run("flow", template);
        life.runStatus("flow", template, CONDITION.formatted("PatchStatusFailed"), "set by e2e");
    }

    @Test
    @Conformance(
            value =
                    "[sig-api-machinery] API priority and fairness should support PriorityLevelConfiguration API operations"
                            + " [Conformance]",
            weaker = Conformance.NOTHING)
    void priorityLevels() {
        ObjectLife life = clusterLife("flowcontrol.apiserver.k8s.io/v1", "prioritylevelconfigurations");
        String template = """
                {spec: {type: Limited, limited: {nominalConcurrencyShares: 2, limitResponse: {type: Reject}}}}""";
        life.run("level", template);
        life.runStatus("level", template, CONDITION.formatted("PatchStatusFailed"), "set by e2e");
    }

    @Test
    @Conformance(
            value = "[sig-api-machinery] ValidatingAdmissionPolicy [Privileged:ClusterAdmin] should support"
                    + " ValidatingAdmissionPolicy API operations [Conformance]",
            weaker = Conformance.NOTHING)
    void admissionPolicies() {
        ObjectLife life = clusterLife(ADMISSION, "validatingadmissionpolicies");
        String template = """
                {spec: {failurePolicy: Ignore, matchConstraints: {resourceRules: [{apiGroups: [apps], apiVersions: [v1],
                 operations: [CREATE, UPDATE], resources: [deployments]}]},
                 validations: [{expression: 'object.spec.replicas <= 1', messageExpression: '"too many"'}]}}""";
        life.run("policy", template);
        life.runStatus("policy", template, CONDITION.formatted("PatchStatusFailed"), "set by e2e");
    }

    @Test
    @Conformance(
            value = "[sig-api-machinery] ValidatingAdmissionPolicy [Privileged:ClusterAdmin] should support"
                    + " ValidatingAdmissionPolicyBinding API operations [Conformance]",
            weaker = Conformance.NOTHING)
    void admissionPolicyBindings() {
        clusterLife(ADMISSION, "validatingadmissionpolicybindings")
                .run("binding", "{spec: {policyName: replicalimit-policy.example.com, validationActions: [Deny]}}");
    }

    @Test
    @Conformance(
            value = "[sig-apps] CronJob should support CronJob API operations [Conformance]",
            weaker = Conformance.NOTHING)
    void cronJobs() {
        ObjectLife life = life("batch/v1", "cronjobs");
        String template = """
                {spec: {schedule: '*/1 * * * *', concurrencyPolicy: Allow, jobTemplate: {spec: {template: {spec:
                 {restartPolicy: OnFailure, containers: [{name: c, image: i}]}}}}}}""";
        life.run("cron", template);
        life.runStatus(
                "cron",
                template,
                "{lastScheduleTime: '2024-01-01T00:00:00Z', active: [{name: a}]}",
                "2024-01-01T00:00:00Z");
    }

    @Test
    @Conformance(
            value = "[sig-network] EndpointSlice should support creating EndpointSlice API operations [Conformance]",
            weaker = Conformance.NOTHING)
    void endpointSlices() {
        life("discovery.k8s.io/v1", "endpointslices")
                .run("slice", "{addressType: IPv4, endpoints: [{addresses: [1.2.3.4, 5.6.7.8]}]}");
    }

    @Test
    @Conformance(
            value = "[sig-network] Ingress API should support creating Ingress API operations [Conformance]",
            weaker = Conformance.NOTHING)
    void ingresses() {
        ObjectLife life = life("networking.k8s.io/v1", "ingresses");
        String template = """
                {spec: {defaultBackend: {service: {name: default-backend, port: {number: 80}}}, rules: [{host:
                 foo.bar.com, http: {paths: [{path: /, pathType: ImplementationSpecific, backend: {service: {name:
                 test-backend, port: {number: 8080}}}}]}}]}}""";
        life.run("ingress", template);
        life.runStatus("ingress", template, "{loadBalancer: {ingress: [{ip: 169.1.1.1}]}}", "169.1.1.1");
    }

    @Test
    @Conformance(
            value = "[sig-network] IngressClass API should support creating IngressClass API operations [Conformance]",
            weaker = Conformance.NOTHING)
    void ingressClasses() {
        clusterLife("networking.k8s.io/v1", "ingressclasses")
                .run("class", "{spec: {controller: example.com/controller}}");
    }

    @Test
    @Conformance(
            value = "[sig-node] RuntimeClass should support RuntimeClasses API operations [Conformance]",
            weaker = Conformance.NOTHING)
    void runtimeClasses() {
        clusterLife("node.k8s.io/v1", "runtimeclasses").run("runtime", "{handler: handler}");
    }

    @Test
    @Conformance(
            value = "[sig-storage] CSIStorageCapacity should support CSIStorageCapacities API operations [Conformance]",
            weaker = Conformance.NOTHING)
    void storageCapacities() {
        life(STORAGE, "csistoragecapacities").run("capacity", "{storageClassName: sc, capacity: 5Gi}");
    }

    @Test
    @Conformance(
            value = "[sig-storage] CSIInlineVolumes should run through the lifecycle of a CSIDriver [Conformance]",
            weaker = Conformance.NOTHING)
    void csiDrivers() {
        clusterLife(STORAGE, "csidrivers")
                .run("driver", "{spec: {attachRequired: false, volumeLifecycleModes: [Ephemeral]}}");
    }

    @Test
    @Conformance(
            value =
                    "[sig-storage] CSINodes CSI Conformance should run through the lifecycle of a csinode [Conformance]",
            weaker = Conformance.NOTHING)
    void csiNodes() {
        clusterLife(STORAGE, "csinodes").run("csinode", "{spec: {drivers: []}}");
    }

    @Test
    @Conformance(
            value = "[sig-storage] StorageClasses CSI Conformance should run through the lifecycle of a StorageClass"
                    + " [Conformance]",
            weaker = Conformance.NOTHING)
    void storageClasses() {
        clusterLife(STORAGE, "storageclasses").run("sc", "{provisioner: e2e-fake-provisioner}");
    }

    @Test
    @Conformance(
            value = {
                "[sig-storage] VolumeAttachment Conformance should run through the lifecycle of a VolumeAttachment"
                        + " [Conformance]",
                "[sig-storage] VolumeAttachment Conformance should apply changes to a volumeattachment status"
                        + " [Conformance]"
            },
            weaker = Conformance.NOTHING)
    void volumeAttachments() {
        ObjectLife life = clusterLife(STORAGE, "volumeattachments");
        String template =
                "{spec: {attacher: e2e-test.storage.k8s.io, nodeName: n, source: {persistentVolumeName: pv}}}";
        life.run("attachment", template);
        life.runStatusLife(
                "attachment",
                template,
                new Said("{attached: true}", "/attached", "true"),
                new Said("{attached: false, attachError: {message: patched}}", "/attachError/message", "patched"));
    }

    @Test
    @Conformance(
            value =
                    "[sig-storage] VolumeAttributesClass [FeatureGate:VolumeAttributesClass] should run through the lifecycle"
                            + " of a VolumeAttributesClass [Conformance]",
            weaker = Conformance.NOTHING)
    void volumeAttributesClasses() {
        clusterLife(STORAGE, "volumeattributesclasses")
                .run("vac", "{driverName: e2e-fake-csi-driver, parameters: {iops: '100'}}");
    }

    @Test
    @Conformance(
            value = "[sig-network] ServiceCIDR and IPAddress API should support IPAddress API operations [Conformance]",
            weaker = Conformance.NOTHING)
    void ipAddresses() {
        String template = "{spec: {parentRef: {group: mygroup, resource: myresources, namespace: foo, name: bar}}}";
        clusterLife("networking.k8s.io/v1", "ipaddresses")
                .run(List.of(new One("255.255.255.255", template), new One("fe80::42:1dff:fe84:f9e2", template)));
    }

    @Test
    @Conformance(
            value =
                    "[sig-network] ServiceCIDR and IPAddress API should support ServiceCIDR API operations [Conformance]",
            weaker = Conformance.NOTHING)
    void serviceCidrs() {
        String all = "/apis/networking.k8s.io/v1/servicecidrs";
        JsonNode range = server.get(all + "/kubernetes");
        assertThat(range.at("/spec/cidrs")).isNotEmpty();
        assertThat(server.get(all + "/kubernetes/status").at("/metadata/uid")).isEqualTo(range.at("/metadata/uid"));
        assertThat(server.get(all).path("items")).isNotEmpty();
        try (Watched watch = server.watch(all)) {
            watch.expect("ADDED", "kubernetes");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        assertThat(server.patch(all + "/kubernetes", "{metadata: {annotations: {patched: 'true'}}}")
                        .at("/metadata/annotations/patched")
                        .asText())
                .isEqualTo("true");
        ObjectNode updated = server.get(all + "/kubernetes").deepCopy();
        updated.withObject("/metadata/annotations").put("updated", "true");
        assertThat(server.put(all + "/kubernetes", updated)
                        .at("/metadata/annotations/updated")
                        .asText())
                .isEqualTo("true");
        ObjectLife life = clusterLife("networking.k8s.io/v1", "servicecidrs");
        life.runStatus("more", "{spec: {cidrs: [10.99.0.0/24]}}", CONDITION.formatted("Patched"), "set by e2e");
    }

    @Test
    @Conformance(
            value = {
                "[sig-node] PodTemplates should run the lifecycle of PodTemplates [Conformance]",
                "[sig-node] PodTemplates should delete a collection of pod templates [Conformance]",
                "[sig-node] PodTemplates should replace a pod template [Conformance]"
            },
            weaker = Conformance.NOTHING)
    void podTemplates() {
        life("v1", "podtemplates").run("template", "{template: {spec: {containers: [{name: nginx, image: nginx}]}}}");
        String one = life("v1", "podtemplates").path("one");
        server.post(
                one.substring(0, one.lastIndexOf('/')),
                "{metadata: {name: one}, template: {spec: {containers: [{name: nginx, image: nginx}]}}}");
        server.patch(one, "{metadata: {labels: {podtemplate: patched}}}");
        assertThat(server.get(one).at("/metadata/labels/podtemplate").asText()).isEqualTo("patched");
    }

    @Test
    @Conformance(value = "[sig-node] Lease lease API should be available [Conformance]", weaker = Conformance.NOTHING)
    void leases() {
        ObjectLife life = life("coordination.k8s.io/v1", "leases");
        String template = """
                {spec: {holderIdentity: holder, leaseDurationSeconds: 30, acquireTime: '0001-01-01T00:00:02.000000Z',
                 renewTime: '0001-01-01T00:00:05.000000Z', leaseTransitions: 0}}""";
        life.run("lease", template);
        String all = life.path("");
        server.post(all.substring(0, all.length() - 1), "{metadata: {name: lease}}");
        JsonNode spec = TestServer.tree(template).path("spec");
        JsonNode patched = server.json(
                200, server.request("PATCH", life.path("lease"), "application/strategic-merge-patch+json", template));
        assertThat(patched.path("spec")).isEqualTo(spec);
        ObjectNode replaced = patched.deepCopy();
        replaced.withObjectProperty("spec")
                .put("holderIdentity", "another")
                .put("leaseDurationSeconds", 60)
                .put("leaseTransitions", 1)
                .put("renewTime", "0001-01-01T00:00:09.000000Z");
        assertThat(server.put(life.path("lease"), replaced).path("spec")).isEqualTo(replaced.path("spec"));
        assertThat(server.get(life.path("lease")).path("spec")).isEqualTo(replaced.path("spec"));
    }

    @Test
    @Conformance(
            value =
                    "[sig-apps] DisruptionController Listing PodDisruptionBudgets for all namespaces should list and delete a"
                            + " collection of PodDisruptionBudgets [Conformance]",
            weaker = Conformance.NOTHING)
    void disruptionBudgets() {
        life("policy/v1", "poddisruptionbudgets")
                .run("budget", "{spec: {minAvailable: 1, selector: {matchLabels: {app: x}}}}");

        String mine = "/apis/policy/v1/namespaces/" + namespace + "/poddisruptionbudgets";
        String others = "/apis/policy/v1/namespaces/" + server.namespace() + "/poddisruptionbudgets";
        String selected = "?labelSelector=of=" + namespace;
        for (String collection : List.of(mine, others)) {
            server.post(
                    collection,
                    "{metadata: {name: b, labels: {of: " + namespace + "}}, spec: {minAvailable: 1, selector:"
                            + " {matchLabels: {app: x}}}}");
        }
        String everywhere = "/apis/policy/v1/poddisruptionbudgets" + selected;
        assertThat(server.get(everywhere).path("items")).hasSize(2);
        server.json(200, server.request("DELETE", mine + selected, TestServer.JSON, ""));
        TestServer.await("ours to go", () -> server.get(mine).path("items").isEmpty());
        assertThat(server.get(everywhere).path("items")).hasSize(1);
    }

    @Test
    @Conformance(
            value = {
                "[sig-node] [DRA] CRUD Tests resource.k8s.io/v1 DeviceClass [Conformance]",
                "[sig-node] [DRA] CRUD Tests resource.k8s.io/v1 ResourceClaim [Conformance]",
                "[sig-node] [DRA] CRUD Tests resource.k8s.io/v1 ResourceClaimTemplate [Conformance]",
                "[sig-node] [DRA] CRUD Tests resource.k8s.io/v1 ResourceSlice [Conformance]"
            },
            weaker = Conformance.NOTHING)
    void dynamicResources() {
        String group = "resource.k8s.io/v1";
        clusterLife(group, "deviceclasses").run("class", "{spec: {}}");
        ObjectLife claims = life(group, "resourceclaims");
        claims.run("claim", "{spec: {}}");
        claims.runStatus(
                "claim",
                "{spec: {}}",
                "{allocation: {devices: {}}, reservedFor: [{resource: pods, name: p, uid: the-pods}]}",
                "the-pods");
        life(group, "resourceclaimtemplates").run("template", "{spec: {spec: {}}}");
        String slice = "{spec: {driver: e2e.example.com, nodeName: n, pool: {name: p, resourceSliceCount: 1}%s}}";
        clusterLife(group, "resourceslices").run("slice", slice.formatted(""));

        claims.runPatches("claim", "{spec: {}}", "", LABELLED, "/metadata/labels/patched", "yes");
        claims.runPatches(
                "claim",
                "{spec: {}}",
                "status",
                "{status: {allocation: {devices: {}}, reservedFor: [{resource: pods, name: p, uid: the-pods}]}}",
                "/status/reservedFor/0/uid",
                "the-pods");
        life(group, "resourceclaimtemplates")
                .runPatches("template", "{spec: {spec: {}}}", "", LABELLED, "/metadata/labels/patched", "yes");
        clusterLife(group, "deviceclasses")
                .runPatches(
                        "class",
                        "{spec: {}}",
                        "",
                        "{spec: {selectors: [{cel: {expression: 'true'}}]}}",
                        "/spec/selectors/0/cel/expression",
                        "true");
        clusterLife(group, "resourceslices")
                .runPatches(
                        "slice",
                        slice.formatted(""),
                        "",
                        slice.formatted(", devices: [{name: one}]"),
                        "/spec/devices/0/name",
                        "one");
    }

    @Test
    @Conformance(
            value =
                    "[sig-auth] Certificates API [Privileged:ClusterAdmin] should support CSR API operations [Conformance]",
            weaker = Conformance.NOTHING)
    void signingRequests() {
        ObjectLife life = clusterLife("certificates.k8s.io/v1", "certificatesigningrequests");
        String template = "{spec: {request: %s, signerName: example.com/e2e, usages: [client auth]}}"
                .formatted(SigningRequests.pkcs10("CN=e2e"));
        life.run("csr", template);
        server.post(life.path("").replaceFirst("/$", ""), "{metadata: {name: csr}, " + template.substring(1));
        JsonNode approval = server.get(life.path("csr") + "/approval");
        var approved = approval.deepCopy();
        ((ObjectNode) approved)
                .set("status", TestServer.tree("{conditions: [{type: Approved, status: 'True', reason: E2E}]}"));
        assertThat(server.put(life.path("csr") + "/approval", approved)
                        .at("/status/conditions/0/type")
                        .asText())
                .isEqualTo("Approved");
        server.patch(life.path("csr") + "/approval", "{metadata: {annotations: {patchedapproval: 'true'}}}");
        JsonNode signed = server.patch(
                life.path("csr") + "/status",
                "{metadata: {annotations: {patchedstatus: 'true'}}, status: {certificate: %s}}"
                        .formatted(SigningRequests.certificate(server.local().pki())));
        assertThat(signed.at("/status/certificate").asText()).isNotEmpty();
        ObjectNode status = server.get(life.path("csr") + "/status").deepCopy();
        assertThat(status.path("status")).isEqualTo(signed.path("status"));
        status.withObject("/status")
                .withArrayProperty("conditions")
                .add(TestServer.tree("{type: StatusUpdate, status: 'True', reason: E2E}"));
        assertThat(server.put(life.path("csr") + "/status", status)
                        .at("/status/conditions")
                        .findValuesAsText("type"))
                .containsExactly("Approved", "StatusUpdate");
        server.delete(life.path("csr"));
    }
}
