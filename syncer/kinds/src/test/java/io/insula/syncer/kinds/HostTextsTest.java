package io.insula.syncer.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.syncer.engine.Change;
import io.insula.syncer.engine.Change.ApplyToTenant;
import io.insula.syncer.engine.Change.PatchTenant;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.engine.NameMap;
import io.insula.syncer.engine.SyncEvent.HostOnly;
import io.insula.syncer.engine.SyncEvent.Paired;
import io.insula.syncer.engine.TenantId;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Whatever the host writes into a status may name what is another tenant's.
class HostTextsTest {

    private static final FixedView VIEW = FixedView.of("runc");
    private static final NameMap NAMES = VIEW.names();
    private static final String THEIRS = new NameMap(new TenantId("globex")).hostName("Pod", "default", "db");
    private static final String TOLD = "makes room for insula-globex/" + THEIRS;

    record Case(String name, List<Change> changes) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> statuses() {
        var claim = object(PersistentVolumeClaim.class, "metadata: {name: data, namespace: shop, uid: u1}\nspec: {}");
        var service =
                object(Service.class, "metadata: {name: web, namespace: shop, uid: u1}\nspec: {type: LoadBalancer}");
        var node = new NodeBuilder(object(Node.class, "metadata: {name: n1}"))
                .withNewStatus()
                .addNewCondition()
                .withType("KernelDeadlock")
                .withMessage(TOLD)
                .endCondition()
                .endStatus()
                .build();
        return Stream.of(
                new Case("a pod", podStatus("conditions: [{type: PodScheduled, status: 'False', message: '%s'}]")),
                new Case("why a pod ended", podStatus("message: '%s'")),
                new Case(
                        "a container that waits",
                        podStatus("containerStatuses: [{name: c, state: {waiting: {reason: X, message: '%s'}}}]")),
                new Case("a container that could not begin", podStatus("""
                        containerStatuses:
                          - {name: c, state: {terminated: {exitCode: 128, reason: StartError, message: '%s'}}}
                        """)),
                new Case(
                        "a claim",
                        new ClaimSyncer()
                                .decide(
                                        new Paired<>(
                                                claim,
                                                new PersistentVolumeClaimBuilder(claim)
                                                        .withMetadata(onHost(claim, "PersistentVolumeClaim")
                                                                .getMetadata())
                                                        .withNewStatus()
                                                        .addNewCondition()
                                                        .withType("ModifyVolumeError")
                                                        .withMessage(TOLD)
                                                        .endCondition()
                                                        .endStatus()
                                                        .build()),
                                        VIEW)),
                new Case(
                        "a Service",
                        new ServiceSyncer()
                                .decide(
                                        new Paired<>(
                                                service,
                                                new ServiceBuilder(service)
                                                        .withMetadata(onHost(service, "Service")
                                                                .getMetadata())
                                                        .withNewStatus()
                                                        .withNewLoadBalancer()
                                                        .addNewIngress()
                                                        .withIp("192.0.2.1")
                                                        .endIngress()
                                                        .endLoadBalancer()
                                                        .addNewCondition()
                                                        .withType("LoadBalancerPortsError")
                                                        .withMessage(TOLD)
                                                        .endCondition()
                                                        .endStatus()
                                                        .build()),
                                        VIEW)),
                new Case("a node", new NodeSyncer().decide(new HostOnly<>(node), VIEW.withHost(podOn("n1")))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("statuses")
    void tellsNothingOfAnotherTenant(Case each) {
        var told = told(each.changes());

        assertThat(told).contains("makes room for another").doesNotContain("globex", THEIRS);
    }

    @Test
    void tellsOfThePodAndWhatItNamesInTheTenantsNames() {
        var told = told(podStatus("message: 'pod insula-acme/%s: secret \"%s\" not found'"
                .formatted(NAMES.hostName("Pod", "shop", "web"), NAMES.hostName("Secret", "shop", "keys"))));

        assertThat(told).contains("pod shop/web: secret \\\"keys\\\" not found");
    }

    /// They are the tenant's own words, and may look like anything.
    @Test
    void leavesTheLastWordsOfAContainerAsTheyAre() {
        for (var reason : List.of("Completed", "Error", "OOMKilled")) {
            assertThat(told(podStatus("containerStatuses: [{name: c, lastState: {terminated: {exitCode: 1, reason: "
                            + reason + ", message: '%s'}}}]")))
                    .as(reason)
                    .contains(TOLD);
        }
    }

    private static List<Change> podStatus(String status) {
        var tenant = object(Pod.class, """
                metadata: {name: web, namespace: shop, uid: u1}
                spec: {containers: [{name: c, image: i, envFrom: [{secretRef: {name: keys}}]}]}
                """);
        var syncer = new PodSyncer(Beans.profiles());
        var host = new PodBuilder(onHost(tenant, "Pod"))
                .withStatus(
                        object(Pod.class, "status:\n" + status.formatted(TOLD).indent(2))
                                .getStatus())
                .build();
        return syncer.decide(new Paired<>(tenant, host), VIEW);
    }

    private static Pod podOn(String node) {
        var pod = object(Pod.class, "metadata: {name: x, namespace: insula-acme}\nspec: {nodeName: " + node + "}");
        pod.setKind("Pod");
        return pod;
    }

    private static <T extends HasMetadata> T onHost(T tenant, String kind) {
        @SuppressWarnings("unchecked") // of the same class
        var host = Serialization.clone(tenant);
        var meta = host.getMetadata();
        meta.setName(NAMES.hostName(kind, "shop", tenant.getMetadata().getName()));
        meta.setNamespace("insula-acme");
        meta.setUid("h1");
        meta.setAnnotations(Map.of(InsulaLabels.UID, "u1"));
        return host;
    }

    private static <T extends HasMetadata> T object(Class<T> type, String yaml) {
        return Serialization.unmarshal("# YAML\n" + yaml, type);
    }

    /// What is written into the tenant.
    private static String told(List<Change> changes) {
        return changes.stream()
                .map(change -> switch (change) {
                    case ApplyToTenant apply -> Serialization.asJson(apply.wanted());
                    case PatchTenant patch -> patch.patch().toString();
                    default -> "";
                })
                .collect(Collectors.joining("\n"));
    }
}
