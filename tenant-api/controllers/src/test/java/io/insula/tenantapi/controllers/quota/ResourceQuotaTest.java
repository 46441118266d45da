package io.insula.tenantapi.controllers.quota;

import static io.insula.tenantapi.controllers.ManagerFixture.parse;
import static io.insula.tenantapi.controllers.RealCluster.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.conformance.Conformance;
import io.insula.tenantapi.controllers.RealCluster;
import io.insula.tenantapi.controllers.Resources;
import io.insula.tenantapi.ports.ObjectClient.Query;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ResourceQuotaTest {

    private RealCluster cluster;
    private String namespace = "";

    @BeforeAll
    void start() {
        cluster = RealCluster.withoutNodes();
    }

    @AfterAll
    void stop() {
        cluster.close();
    }

    @Test
    @Conformance(
            value = "[sig-api-machinery] ResourceQuota should create a ResourceQuota and ensure its status is promptly"
                    + " calculated. [Conformance]",
            weaker = Conformance.NOTHING)
    void calculatesTheStatusOfANewQuota() {
        quota("{pods: '5', services: '10', resourcequotas: '1', cpu: '1', 'count/replicasets.apps': '5'}");
        awaitUsed("{pods: '0', services: '0', resourcequotas: '1', cpu: '0', 'count/replicasets.apps': '0'}");
        assertThat(status().path("hard"))
                .isEqualTo(
                        cluster.get(Resources.RESOURCE_QUOTAS, namespace, "q").at("/spec/hard"));
    }

    @Test
    @Conformance(
            value = {
                "[sig-api-machinery] ResourceQuota should create a ResourceQuota and capture the life of a secret."
                        + " [Conformance]",
                "[sig-api-machinery] ResourceQuota should create a ResourceQuota and capture the life of a configMap."
                        + " [Conformance]"
            },
            weaker = Conformance.NOTHING)
    void capturesTheLifeOfSecretsAndConfigMaps() {
        quota("{secrets: '2', configmaps: '9', 'count/secrets': '2'}");
        awaitUsed("{secrets: '0', configmaps: '1', 'count/secrets': '0'}");
        cluster.create(Resources.SECRETS, namespace, "{apiVersion: v1, kind: Secret, metadata: {name: s}}");
        cluster.create(Resources.CONFIG_MAPS, namespace, "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}}");
        awaitUsed("{secrets: '1', configmaps: '2', 'count/secrets': '1'}");
        cluster.delete(Resources.SECRETS, namespace, "s");
        cluster.delete(Resources.CONFIG_MAPS, namespace, "c");
        awaitUsed("{secrets: '0', configmaps: '1', 'count/secrets': '0'}");
    }

    @Test
    @Conformance(
            value = "[sig-api-machinery] ResourceQuota should create a ResourceQuota and capture the life of a service."
                    + " [Conformance]",
            weaker = Conformance.NOTHING)
    void capturesTheLifeOfAService() {
        quota("{services: '2', services.nodeports: '1', services.loadbalancers: '1'}");
        awaitUsed("{services: '0', services.nodeports: '0', services.loadbalancers: '0'}");
        service("one", "ClusterIP");
        service("two", "NodePort");
        awaitUsed("{services: '2', services.nodeports: '1', services.loadbalancers: '0'}");
        assertThatThrownBy(() -> service("three", "LoadBalancer"))
                .hasMessage("services \"three\" is forbidden: exceeded quota: q, requested: services=1,"
                        + "services.nodeports=1, used: services=2,services.nodeports=1, limited: services=2,"
                        + "services.nodeports=1");
        assertThatThrownBy(() -> cluster.patch(Resources.SERVICES, namespace, "one", "{spec: {type: NodePort}}"))
                .hasMessageContaining("exceeded quota: q, requested: services.nodeports=1");
        cluster.delete(Resources.SERVICES, namespace, "one");
        cluster.delete(Resources.SERVICES, namespace, "two");
        awaitUsed("{services: '0', services.nodeports: '0', services.loadbalancers: '0'}");
    }

    @Test
    @Conformance(
            value = "[sig-api-machinery] ResourceQuota should create a ResourceQuota and capture the life of a pod."
                    + " [Conformance]",
            weaker = Conformance.NOTHING)
    void capturesTheLifeOfAPod() {
        quota("{pods: '5', cpu: '1', memory: 500Mi, ephemeral-storage: 50Gi, requests.example.com/dongle: '3'}");
        awaitUsed("{pods: '0', cpu: '0', memory: '0', ephemeral-storage: '0', requests.example.com/dongle: '0'}");
        pod("test", "{cpu: 500m, memory: 252Mi, ephemeral-storage: 30Gi, example.com/dongle: '2'}");
        String used =
                "{pods: '1', cpu: 500m, memory: 252Mi, ephemeral-storage: 30Gi, requests.example.com/dongle: '2'}";
        awaitUsed(used);
        assertThatThrownBy(() -> pod("fail", "{cpu: 600m, memory: 100Mi}"))
                .hasMessage("pods \"fail\" is forbidden: exceeded quota: q, requested: cpu=600m, used: cpu=500m,"
                        + " limited: cpu=1");
        assertThatThrownBy(() -> pod("fail", "{cpu: 100m, memory: 100Mi, example.com/dongle: '2'}"))
                .hasMessageContaining("requested: requests.example.com/dongle=2");
        assertThatThrownBy(() -> pod("fail", "{cpu: 100m}"))
                .hasMessage("pods \"fail\" is forbidden: failed quota: q: must specify memory for: c");
        ObjectNode more = cluster.get(Resources.PODS, namespace, "test");
        ((ObjectNode) more.at("/spec/containers/0/resources/requests"))
                .put("cpu", "100m")
                .put("memory", "100Mi");
        assertThatThrownBy(() -> cluster.client.update(Resources.PODS, namespace, "", more))
                .hasMessageContaining("pod updates may not change fields other than");
        awaitUsed(used);
        cluster.delete(Resources.PODS, namespace, "test");
        awaitUsed("{pods: '0', cpu: '0', memory: '0', ephemeral-storage: '0', requests.example.com/dongle: '0'}");
    }

    @Test
    @Conformance(
            value = {
                "[sig-api-machinery] ResourceQuota should create a ResourceQuota and capture the life of a replication"
                        + " controller. [Conformance]",
                "[sig-api-machinery] ResourceQuota should create a ResourceQuota and capture the life of a replica set."
                        + " [Conformance]"
            },
            weaker = Conformance.NOTHING)
    void capturesTheLifeOfReplicaSetsAndReplicationControllers() {
        quota("{replicationcontrollers: '1', 'count/replicasets.apps': '1'}");
        awaitUsed("{replicationcontrollers: '0', 'count/replicasets.apps': '0'}");
        var set = "metadata: {name: r}, spec: {replicas: 0, selector: %s, template: {metadata: {labels: {a: b}},"
                + " spec: {containers: [{name: c, image: i}]}}}}";
        cluster.create(
                Resources.REPLICATION_CONTROLLERS,
                namespace,
                "{apiVersion: v1, kind: ReplicationController, " + set.formatted("{a: b}"));
        cluster.create(
                Resources.REPLICA_SETS,
                namespace,
                "{apiVersion: apps/v1, kind: ReplicaSet, " + set.formatted("{matchLabels: {a: b}}"));
        awaitUsed("{replicationcontrollers: '1', 'count/replicasets.apps': '1'}");
        cluster.delete(Resources.REPLICATION_CONTROLLERS, namespace, "r");
        cluster.delete(Resources.REPLICA_SETS, namespace, "r");
        awaitUsed("{replicationcontrollers: '0', 'count/replicasets.apps': '0'}");
    }

    @Test
    @Conformance(
            value =
                    "[sig-api-machinery] ResourceQuota should verify ResourceQuota with terminating scopes. [Conformance]",
            weaker = Conformance.NOTHING)
    void countsByTerminatingScope() {
        String hard = "{pods: '5', requests.cpu: '1', requests.memory: 500Mi, limits.cpu: '2', limits.memory: 1Gi}";
        String none = "{pods: '0', requests.cpu: '0', requests.memory: '0', limits.cpu: '0', limits.memory: '0'}";
        String one = "{pods: '1', requests.cpu: 500m, requests.memory: 200Mi, limits.cpu: '1', limits.memory: 400Mi}";
        String container = "containers: [{name: c, image: i, resources: {requests: {cpu: 500m, memory: 200Mi}, limits:"
                + " {cpu: '1', memory: 400Mi}}}]";
        quota("ending", hard, "Terminating");
        quota("lasting", hard, "NotTerminating");
        awaitUsed("ending", none);
        awaitUsed("lasting", none);
        podOf("long", container);
        awaitUsed("lasting", one);
        awaitUsed("ending", none);
        cluster.delete(Resources.PODS, namespace, "long");
        awaitUsed("lasting", none);
        podOf("short", "activeDeadlineSeconds: 3600, " + container);
        awaitUsed("ending", one);
        awaitUsed("lasting", none);
        cluster.delete(Resources.PODS, namespace, "short");
        awaitUsed("ending", none);
    }

    @Test
    void chargesAPodThatComesIntoTheScopeOfAQuotaAtOnce() {
        quota("ending", "{pods: '1'}", "Terminating");
        awaitUsed("ending", "{pods: '0'}");
        pod("long", "{cpu: 100m}");
        cluster.patch(Resources.PODS, namespace, "long", "{spec: {activeDeadlineSeconds: 3600}}");

        assertThatThrownBy(() -> cluster.create(
                        Resources.PODS,
                        namespace,
                        "{apiVersion: v1, kind: Pod, metadata: {name: more}, spec: {activeDeadlineSeconds: 3600,"
                                + " containers: [{name: c, image: i}]}}"))
                .hasMessageContaining("exceeded quota: ending, requested: pods=1, used: pods=1, limited: pods=1");
    }

    @Test
    @Conformance(
            value =
                    "[sig-api-machinery] ResourceQuota should verify ResourceQuota with best effort scope. [Conformance]",
            weaker = Conformance.NOTHING)
    void countsByBestEffortScope() {
        quota("effort", "{pods: '5'}", "BestEffort");
        quota("sure", "{pods: '5'}", "NotBestEffort");
        awaitUsed("effort", "{pods: '0'}");
        awaitUsed("sure", "{pods: '0'}");
        pod("loose", "{}");
        awaitUsed("effort", "{pods: '1'}");
        awaitUsed("sure", "{pods: '0'}");
        cluster.delete(Resources.PODS, namespace, "loose");
        awaitUsed("effort", "{pods: '0'}");
        podOf(
                "tight",
                "containers: [{name: c, image: i, resources: {requests: {cpu: 500m, memory: 200Mi}, limits: {cpu: '1',"
                        + " memory: 400Mi}}}]");
        awaitUsed("sure", "{pods: '1'}");
        awaitUsed("effort", "{pods: '0'}");
        cluster.delete(Resources.PODS, namespace, "tight");
        awaitUsed("sure", "{pods: '0'}");
    }

    @Test
    void countsByPriorityClass() {
        namespace = cluster.namespace();
        String prefix = "{apiVersion: v1, kind: ResourceQuota, metadata: {name: q}, spec: {hard: {pods: '1'},"
                + " scopeSelector: {matchExpressions: [{scopeName: PriorityClass, operator: In, values:"
                + " [system-cluster-critical]}]}}}";
        cluster.create(Resources.RESOURCE_QUOTAS, namespace, prefix);
        awaitUsed("{pods: '0'}");
        pod("plain", "{}");
        String critical = "{apiVersion: v1, kind: Pod, metadata: {name: %s}, spec: {priorityClassName:"
                + " system-cluster-critical, containers: [{name: c, image: i}]}}";
        cluster.create(Resources.PODS, namespace, critical.formatted("one"));
        awaitUsed("{pods: '1'}");
        assertThatThrownBy(() -> cluster.create(Resources.PODS, namespace, critical.formatted("two")))
                .hasMessageContaining("exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1");
    }

    @Test
    @Conformance(
            value =
                    "[sig-api-machinery] ResourceQuota should be able to update and delete ResourceQuota. [Conformance]",
            weaker = Conformance.NOTHING)
    void followsChangesOfTheQuota() {
        quota("{cpu: '1', memory: 500Mi}");
        awaitUsed("{cpu: '0', memory: '0'}");
        ObjectNode more = cluster.get(Resources.RESOURCE_QUOTAS, namespace, "q");
        Meta.of(more).remove("resourceVersion");
        more.set("spec", parse("{hard: {cpu: '2', memory: 1Gi}}"));
        assertThat(cluster.client
                        .update(Resources.RESOURCE_QUOTAS, namespace, "", more)
                        .at("/spec/hard"))
                .isEqualTo(parse("{cpu: '2', memory: 1Gi}"));
        await("the new limit", () -> status().at("/hard/memory").asText().equals("1Gi"));
        cluster.patch(Resources.RESOURCE_QUOTAS, namespace, "q", "{spec: {hard: {cpu: null, memory: 2Gi}}}");
        await("one limit less", () -> status().path("hard").equals(parse("{memory: 2Gi}")));
        await("one count less", () -> status().path("used").equals(parse("{memory: '0'}")));
        cluster.delete(Resources.RESOURCE_QUOTAS, namespace, "q");
        assertThat(cluster.has(Resources.RESOURCE_QUOTAS, namespace, "q")).isFalse();
    }

    @Test
    @Conformance(
            value = "[sig-api-machinery] ResourceQuota should manage the lifecycle of a ResourceQuota [Conformance]",
            weaker = Conformance.NOTHING)
    void managesTheLifeOfAQuotaByLabelsAndCollections() {
        quota("{cpu: '1'}");
        awaitUsed("{cpu: '0'}");
        cluster.patch(
                Resources.RESOURCE_QUOTAS,
                namespace,
                "q",
                "{metadata: {labels: {set: mine}}, spec: {hard: {memory: 750Mi}}}");
        await("both limits", () -> status().at("/hard/memory").asText().equals("750Mi"));
        assertThat(cluster.client
                        .list(Resources.RESOURCE_QUOTAS, "", new Query("set=mine", ""))
                        .items())
                .extracting(Meta::name)
                .containsExactly("q");
    }

    @Test
    void restoresAStatusThatSomebodyElseChanged() {
        quota("{services: '2'}");
        awaitUsed("{services: '0'}");
        ObjectNode patched = cluster.patchStatus(
                Resources.RESOURCE_QUOTAS,
                namespace,
                "q",
                "{status: {hard: {services: '5', configmaps: '9'}, used: {services: '1'}}}");
        assertThat(patched.at("/status/hard/services").asText()).isEqualTo("5");
        awaitUsed("{services: '0'}");
        await("the spec's limits", () -> status().path("hard").equals(parse("{services: '2'}")));
    }

    @Test
    void givesBackWhatAnEndedPodHeld() {
        quota("{pods: '1', 'count/pods': '3'}");
        awaitUsed("{pods: '0', 'count/pods': '0'}");
        pod("one", "{}");
        awaitUsed("{pods: '1', 'count/pods': '1'}");
        cluster.patchStatus(Resources.PODS, namespace, "one", "{status: {phase: Succeeded}}");
        awaitUsed("{pods: '0', 'count/pods': '1'}");
        pod("two", "{}");
        awaitUsed("{pods: '1', 'count/pods': '2'}");
    }

    @Test
    void neverAdmitsMoreThanIsLeftHoweverManyAskAtOnce() throws Exception {
        quota("{configmaps: '8'}");
        awaitUsed("{configmaps: '1'}");
        int admitted = 0;
        try (ExecutorService many = Executors.newVirtualThreadPerTaskExecutor()) {
            Callable<Boolean> attempt = () -> tryCreate(Resources.CONFIG_MAPS, "ConfigMap");
            List<Future<Boolean>> answers = many.invokeAll(Collections.nCopies(24, attempt));
            for (Future<Boolean> answer : answers) {
                admitted += answer.get() ? 1 : 0;
            }
        }
        assertThat(admitted).isEqualTo(7);
        awaitUsed("{configmaps: '8'}");
    }

    @Test
    void chargesNothingForADryRunAndGivesBackWhatWasNotStored() {
        quota("{configmaps: '3'}");
        awaitUsed("{configmaps: '1'}");
        cluster.create(Resources.CONFIG_MAPS, namespace, "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}}");
        awaitUsed("{configmaps: '2'}");
        assertThatThrownBy(() -> cluster.create(
                        Resources.CONFIG_MAPS, namespace, "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}}"))
                .isInstanceOfSatisfying(
                        ApiException.class, e -> assertThat(e.reason()).isEqualTo("AlreadyExists"));
        awaitUsed("{configmaps: '2'}");
    }

    @Test
    void countsClaimsByStorageClass() {
        quota("{requests.storage: 10Gi, persistentvolumeclaims: '5',"
                + " gold.storageclass.storage.k8s.io/requests.storage: 2Gi}");
        awaitUsed("{requests.storage: '0', persistentvolumeclaims: '0',"
                + " gold.storageclass.storage.k8s.io/requests.storage: '0'}");
        claim("a", "silver", "6Gi");
        claim("b", "gold", "2Gi");
        assertThatThrownBy(() -> claim("c", "gold", "1Gi"))
                .hasMessageContaining("requested: gold.storageclass.storage.k8s.io/requests.storage=1Gi");
        awaitUsed("{requests.storage: 8Gi, persistentvolumeclaims: '2',"
                + " gold.storageclass.storage.k8s.io/requests.storage: 2Gi}");
    }

    @Test
    void refusesAPodThatGrowsBeyondItByAResize() {
        quota("{pods: '5', requests.cpu: '1', limits.memory: 500Mi}");
        awaitUsed("{pods: '0', requests.cpu: '0', limits.memory: '0'}");
        podOf("a", sized("{cpu: 300m}", "{cpu: 300m, memory: 200Mi}"));
        podOf("b", sized("{cpu: 300m}", "{cpu: 300m, memory: 200Mi}"));
        awaitUsed("{pods: '2', requests.cpu: 600m, limits.memory: 400Mi}");

        assertThatThrownBy(() -> resize("a", "{cpu: 800m}", "{cpu: 800m, memory: 200Mi}"))
                .hasMessage("pods \"a\" is forbidden: exceeded quota: q, requested: requests.cpu=500m, used:"
                        + " requests.cpu=600m, limited: requests.cpu=1");
        assertThatThrownBy(() -> resize("a", "{cpu: 300m}", "{cpu: 300m, memory: 301Mi}"))
                .hasMessageContaining("exceeded quota: q, requested: limits.memory=101Mi");
        assertThat(cluster.at(Resources.PODS, namespace, "a", "/spec/containers/0/resources/requests/cpu")
                        .asText())
                .isEqualTo("300m");

        resize("a", "{cpu: 700m}", "{cpu: 700m, memory: 200Mi}");
        awaitUsed("{pods: '2', requests.cpu: '1', limits.memory: 400Mi}");
        assertThatThrownBy(() -> resize("b", "{cpu: 301m}", "{cpu: 301m, memory: 200Mi}"))
                .as("what one has taken is gone for the others")
                .hasMessageContaining("exceeded quota: q, requested: requests.cpu=1m");
        resize("a", "{cpu: 100m}", "{cpu: 100m, memory: 200Mi}");
        awaitUsed("{pods: '2', requests.cpu: 400m, limits.memory: 400Mi}");
    }

    private static String sized(String requests, String limits) {
        return "containers: [{name: c, image: i, resources: {requests: " + requests + ", limits: " + limits + "}}]";
    }

    private void resize(String name, String requests, String limits) {
        ObjectNode pod = cluster.get(Resources.PODS, namespace, name);
        ((ObjectNode) pod.at("/spec/containers/0"))
                .set("resources", parse("{requests: " + requests + ", limits: " + limits + "}"));
        cluster.client.update(Resources.PODS, namespace, "resize", pod);
    }

    private boolean tryCreate(GroupVersionResource resource, String kind) {
        ObjectNode object =
                Json.object().put("apiVersion", resource.apiVersion()).put("kind", kind);
        object.putObject("metadata").put("generateName", "many-");
        try {
            cluster.client.create(resource, namespace, object);
            return true;
        } catch (ApiException e) {
            assertThat(e).hasMessageContaining("exceeded quota: q, requested: configmaps=1, used: configmaps=8");
            return false;
        }
    }

    private void quota(String hard) {
        namespace = cluster.namespace();
        await("the certificate", () -> cluster.has(Resources.CONFIG_MAPS, namespace, "kube-root-ca.crt"));
        cluster.create(
                Resources.RESOURCE_QUOTAS,
                namespace,
                "{apiVersion: v1, kind: ResourceQuota, metadata: {name: q}, spec: {hard: " + hard + "}}");
    }

    private void quota(String name, String hard, String scope) {
        if (!name.equals("lasting") && !name.equals("sure")) {
            namespace = cluster.namespace();
        }
        cluster.create(
                Resources.RESOURCE_QUOTAS,
                namespace,
                "{apiVersion: v1, kind: ResourceQuota, metadata: {name: " + name + "}, spec: {hard: " + hard
                        + ", scopes: [" + scope + "]}}");
    }

    private void service(String name, String type) {
        cluster.create(
                Resources.SERVICES,
                namespace,
                "{apiVersion: v1, kind: Service, metadata: {name: " + name + "}, spec: {type: " + type
                        + ", selector: {a: b}, ports: [{port: 80}]}}");
    }

    private void pod(String name, String requests) {
        String limits = requests.contains("dongle") ? "{example.com/dongle: '2'}" : "{}";
        cluster.create(
                Resources.PODS,
                namespace,
                "{apiVersion: v1, kind: Pod, metadata: {name: " + name + "}, spec: {containers: [{name: c, image: i,"
                        + " resources: {requests: " + requests + ", limits: " + limits + "}}]}}");
    }

    private void podOf(String name, String spec) {
        cluster.create(
                Resources.PODS,
                namespace,
                "{apiVersion: v1, kind: Pod, metadata: {name: " + name + "}, spec: {" + spec + "}}");
    }

    private void claim(String name, String storageClass, String size) {
        cluster.create(
                Resources.PERSISTENT_VOLUME_CLAIMS,
                namespace,
                "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: " + name + "}, spec: {accessModes:"
                        + " [ReadWriteOnce], storageClassName: " + storageClass + ", resources: {requests: {storage: "
                        + size + "}}}}");
    }

    private void awaitUsed(String used) {
        awaitUsed("q", used);
    }

    private void awaitUsed(String quota, String used) {
        ObjectNode wanted = parse(used);
        await(
                quota + " to count " + wanted + " in " + namespace,
                () -> cluster.at(Resources.RESOURCE_QUOTAS, namespace, quota, "/status/used")
                        .equals(wanted));
    }

    private JsonNode status() {
        return cluster.at(Resources.RESOURCE_QUOTAS, namespace, "q", "/status");
    }
}
