package io.insula.syncer.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.syncer.engine.Change.ApplyToTenant;
import io.insula.syncer.engine.NameMap;
import io.insula.syncer.engine.SyncEvent.HostOnly;
import io.insula.syncer.engine.Syncer.Reference;
import io.insula.syncer.engine.TenantId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class EventSyncerTest {

    private static final Pod TENANT_POD = Serialization.unmarshal("""
            metadata: {name: web-0, namespace: shop, uid: 11111111-2222-3333-4444-555555555555}
            spec:
              containers: [{name: c, image: "registry.example.com/insula-tools/web-shop:1", envFrom: [{secretRef: {name: keys}}]}]
              volumes: [{name: d, persistentVolumeClaim: {claimName: data}}]
            """, Pod.class);
    private static final String HOST_UID = "99999999-8888-7777-6666-555555555555";
    private static final NameMap ACME = FixedView.of("runc").names();
    private static final NameMap GLOBEX = new NameMap(new TenantId("globex"));
    private static final String POD = ACME.hostName("Pod", "shop", "web-0");
    private static final String CLAIM = ACME.hostName("PersistentVolumeClaim", "shop", "data");
    private static final String SERVICE = ACME.hostName("Service", "back", "web");
    private static final String KEYS = ACME.hostName("Secret", "shop", "keys");
    private static final FixedView VIEW = FixedView.of(
                    "runc",
                    host(new Pod(), "Pod", "shop", "web-0", HOST_UID, "spec: {nodeName: n1}"),
                    host(new PersistentVolumeClaim(), "PersistentVolumeClaim", "shop", "data", "c1", "{}"),
                    host(new Service(), "Service", "back", "web", "s1", "{}"),
                    host(new Secret(), "Token", "shop", "web-0", "t1", "{}"))
            .withTenant(TENANT_POD);

    record Case(String kind, String host, String message, String want) {
        @Override
        public String toString() {
            return message;
        }
    }

    static Stream<Case> messages() {
        return Stream.of(
                new Case(
                        "Pod",
                        POD,
                        "Successfully assigned insula-acme/" + POD + " to n1",
                        "Successfully assigned shop/web-0 to n1"),
                new Case(
                        "Pod",
                        POD,
                        "MountVolume.SetUp failed for volume \"v\" : secret \"" + KEYS + "\" not found",
                        "MountVolume.SetUp failed for volume \"v\" : secret \"keys\" not found"),
                new Case(
                        "Pod",
                        POD,
                        "secret \"" + ACME.hostName("Token", "shop", "web-0") + "\" not found",
                        "secret \"web-0\" not found"),
                new Case(
                        "Pod",
                        POD,
                        "persistentvolumeclaim \"" + CLAIM + "\" not found",
                        "persistentvolumeclaim \"data\" not found"),
                new Case(
                        "Pod",
                        POD,
                        "open /var/lib/kubelet/pods/" + HOST_UID + "/volumes: no such file",
                        "open /var/lib/kubelet/pods/11111111-2222-3333-4444-555555555555/volumes: no such file"),
                new Case(
                        "Pod",
                        POD,
                        "plugin failed: " + POD + "_insula-acme_" + HOST_UID,
                        "plugin failed: web-0_shop_11111111-2222-3333-4444-555555555555"),
                new Case(
                        "Pod",
                        POD,
                        "Preempted by insula-globex/" + GLOBEX.hostName("Pod", "shop", "big") + " on node n1",
                        "Preempted by another on node n1"),
                new Case(
                        "Pod",
                        POD,
                        "Preempted by pod 12345678-1234-1234-1234-123456789abc on node n1",
                        "Preempted by pod of another workload on node n1"),
                new Case(
                        "Pod",
                        POD,
                        "namespace \"insula-globex\" and namespace \"insula-acme\"",
                        "namespace \"another namespace\" and namespace \"shop\""),
                new Case("Pod", POD, "virt-launcher-" + POD + "-x7k2p was made", "virt-launcher-web-0-x7k2p was made"),
                new Case("Pod", POD, "dial " + SERVICE + ".insula-acme.svc: refused", "dial web.shop.svc: refused"),
                new Case(
                        "Pod",
                        POD,
                        "Pulling image \"registry.example.com/insula-tools/web-shop:1\"",
                        "Pulling image \"registry.example.com/insula-tools/web-shop:1\""),
                new Case(
                        "PersistentVolumeClaim",
                        CLAIM,
                        "waiting for pod " + POD + " to be scheduled",
                        "waiting for pod web-0 to be scheduled"),
                new Case(
                        "Service",
                        SERVICE,
                        "Ensured load balancer of insula-acme/" + SERVICE,
                        "Ensured load balancer of back/web"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("messages")
    void saysWhatTheHostSaysInTheTenantsWords(Case each) {
        var event = told(event(each.kind(), each.host(), each.host() + ".17abc", each.message()))
                .orElseThrow();

        assertThat(event.getMessage()).isEqualTo(each.want());
    }

    @Test
    void tellsOfPodsClaimsAndServicesByTheirNames() {
        for (var each : Map.of("Pod", POD, "PersistentVolumeClaim", CLAIM, "Service", SERVICE)
                .entrySet()) {
            var event = told(event(each.getKey(), each.getValue(), each.getValue() + ".17abc", "m"))
                    .orElseThrow();
            var own = VIEW.names()
                    .tenantKey(VIEW.host().stream()
                            .filter(object -> Kinds.name(object).equals(each.getValue()))
                            .findFirst()
                            .orElseThrow())
                    .orElseThrow();

            assertThat(event.getMetadata().getName()).isEqualTo(own.name() + ".17abc");
            assertThat(event.getMetadata().getNamespace()).isEqualTo(own.namespace());
            assertThat(event.getInvolvedObject().getKind()).isEqualTo(each.getKey());
            assertThat(event.getInvolvedObject().getName()).isEqualTo(own.name());
            assertThat(event.getInvolvedObject().getNamespace()).isEqualTo(own.namespace());
            assertThat(event.getInvolvedObject().getUid())
                    .isNotEqualTo(HOST_UID)
                    .isNotEmpty();
        }
        assertThat(new EventSyncer().tenantObjectsOf(event("Service", SERVICE, "e", "m"), VIEW))
                .containsExactly(new Reference("Event", "back", "e"));
    }

    @Test
    void tellsOfNobodyElsesObjects() {
        assertThat(told(event("Pod", GLOBEX.hostName("Pod", "shop", "web-0"), "e", "secret")))
                .isEmpty();
        assertThat(told(event("Pod", "coredns", "e", "secret"))).isEmpty();
        assertThat(told(event("Node", "n1", "e", "secret"))).isEmpty();
        assertThat(told(event("Secret", ACME.hostName("Token", "shop", "web-0"), "e", "not an object of the tenant's")))
                .isEmpty();
    }

    @Test
    void namesNoMachineButThePodsNode() {
        var byKubelet = event("Pod", POD, POD + ".1", "m");
        byKubelet.setReportingInstance("n1");
        byKubelet.getSource().setHost("n1");
        var byScheduler = event("Pod", POD, POD + ".2", "m");
        byScheduler.setReportingInstance("scheduler-control-plane-7");
        byScheduler.getSource().setHost("control-plane-7");

        assertThat(told(byKubelet).orElseThrow().getSource().getHost()).isEqualTo("n1");
        assertThat(Serialization.asJson(told(byScheduler).orElseThrow())).doesNotContain("control-plane-7");
    }

    /// Whatever the host says, and however it puts names together.
    @Test
    void tellsNoNameThatIsTheHostsOnly() {
        long seed = Long.getLong("insula.fuzz.seed", System.nanoTime());
        System.out.println("EventSyncerTest seed " + seed);
        var random = new Random(seed);
        var names = List.of(
                POD,
                CLAIM,
                SERVICE,
                KEYS,
                ACME.hostName("Pod", "gone", "away"),
                GLOBEX.hostName("Pod", "shop", "web-0"),
                GLOBEX.hostName("Secret", "x".repeat(60), "y"),
                "insula-acme",
                "insula-globex",
                "insula-acme/" + POD,
                "insula-globex/" + GLOBEX.hostName("Pod", "shop", "web-0"),
                HOST_UID);
        var between = List.of(" ", "\"", "/", "_", ".", ":", ",", "(", ")", "=", " pod ", "-x ", " in ", "'", "\n");
        for (int i = 0; i < 2_000; i++) {
            var message = IntStream.range(0, 6)
                    .mapToObj(
                            _ -> between.get(random.nextInt(between.size())) + names.get(random.nextInt(names.size())))
                    .collect(Collectors.joining());
            var name = names.get(random.nextInt(names.size())).replace('/', '.');
            var host = List.of(POD, CLAIM, SERVICE).get(random.nextInt(3));
            var kind = host.equals(POD) ? "Pod" : host.equals(CLAIM) ? "PersistentVolumeClaim" : "Service";

            var told =
                    Serialization.asJson(told(event(kind, host, name, message)).orElseThrow());

            assertThat(told)
                    .as("seed %d: %s", seed, message)
                    .doesNotContain(POD, CLAIM, SERVICE, KEYS)
                    .doesNotContain("globex", "insula-acme")
                    .doesNotContainPattern("-[a-z2-7]{20}(?![a-z0-9])");
            if (host.equals(POD)) {
                assertThat(told).as("seed %d: %s", seed, message).doesNotContain(HOST_UID);
            }
        }
    }

    private static Optional<Event> told(Event host) {
        return new EventSyncer()
                .decide(new HostOnly<>(host), VIEW).stream()
                        .map(change -> (Event) ((ApplyToTenant) change).wanted())
                        .findFirst();
    }

    private static Event event(String kind, String object, String name, String message) {
        Event event = Serialization.unmarshal("""
                metadata:
                  name: %s
                  namespace: insula-acme
                  annotations: {scheduler: insula-acme}
                source: {component: kubelet}
                reason: Told
                type: Normal
                related: {kind: Pod, name: other, namespace: insula-globex}
                """.formatted(name), Event.class);
        event.setMessage(message);
        event.setInvolvedObject(new io.fabric8.kubernetes.api.model.ObjectReferenceBuilder()
                .withKind(kind)
                .withName(object)
                .withNamespace("insula-acme")
                .withUid(HOST_UID)
                .build());
        return event;
    }

    private static <T extends HasMetadata> T host(
            T object, String kind, String namespace, String name, String uid, String rest) {
        var tenant = Serialization.unmarshal(
                "metadata: {name: " + name + ", namespace: " + namespace
                        + ", uid: 11111111-2222-3333-4444-555555555555}",
                Pod.class);
        @SuppressWarnings("unchecked")
        T made = (T) Serialization.unmarshal(rest, object.getClass());
        made.setMetadata(ACME.hostMeta(kind, tenant));
        made.getMetadata().setUid(uid);
        return made;
    }
}
