package io.insula.tenantapi.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.auth.Attributes;
import io.insula.tenantapi.auth.Authorizer;
import io.insula.tenantapi.auth.ServiceAccountKeys;
import io.insula.tenantapi.auth.ServiceAccountTokens;
import io.insula.tenantapi.auth.UserInfo;
import io.insula.tenantapi.bootstrap.Bootstrap;
import io.insula.tenantapi.bootstrap.BootstrapConfig;
import io.insula.tenantapi.client.LocalClient;
import io.insula.tenantapi.egress.Egress;
import io.insula.tenantapi.egress.EgressPolicy;
import io.insula.tenantapi.fake.FakeObjectClient;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.registry.AdmissionPlugin;
import io.insula.tenantapi.registry.Caller;
import io.insula.tenantapi.registry.Engine;
import io.insula.tenantapi.registry.KindRegistry;
import io.insula.tenantapi.registry.ObjectStore;
import io.insula.tenantapi.registry.ResourceKind;
import io.insula.tenantapi.registry.Schemas;
import io.insula.tenantapi.registry.ServerServices;
import io.insula.tenantapi.registry.Target;
import io.insula.tenantapi.registry.WriteOptions;
import io.insula.tenantapi.schema.ApiSchema;
import io.insula.tenantapi.service.ClusterIps;
import io.insula.tenantapi.service.RangeClusterIps;
import io.insula.tenantapi.storage.Storage;
import io.insula.tenantapi.storage.memory.InMemoryStorage;
import io.insula.tenantapi.wire.Decoded;
import io.insula.tenantapi.wire.WireCodec;
import io.micronaut.context.BeanContext;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Security over the real store with all kinds and all plugins.
class SecuredStoreTest {

    private static final String RBAC = "rbac.authorization.k8s.io";
    private static final GroupVersionResource BINDINGS = new GroupVersionResource(RBAC, "v1", "clusterrolebindings");
    private static final UserInfo ALICE = new UserInfo("alice", "", List.of(UserInfo.AUTHENTICATED), Map.of());

    private final Storage storage = new InMemoryStorage();
    private final ScheduledExecutorService timers = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("test-timers").factory());
    private final KindRegistry kinds;
    private final Egress egress = new Egress(EgressPolicy.CLOSED, List.of());
    private final Security security;
    private final ObjectStore store;
    private @Nullable LocalClient client;

    SecuredStoreTest() throws Exception {
        try (var beans = BeanContext.run()) {
            kinds = new KindRegistry(List.copyOf(beans.getBeansOfType(ResourceKind.class)));
            security = new Security(
                    new SecurityConfig(keys(), "https://kubernetes.default.svc", List.of(), certificate -> false),
                    this::client,
                    egress,
                    Clock.systemUTC());
            store = new ObjectStore(new Engine(
                    storage,
                    kinds,
                    new Schemas(ApiSchema.load()),
                    List.copyOf(beans.getBeansOfType(AdmissionPlugin.class)),
                    new Services(
                            new RangeClusterIps(this::client, "10.96.0.0/16", Clock.systemUTC()),
                            security.authorizer(),
                            security.tokens()),
                    new WireCodec(),
                    Clock.systemUTC(),
                    timers,
                    Engine.WriteListener.NONE,
                    this::client));
        }
        client = LocalClient.loopback(store, kinds, LocalClient.LocalAudit.NONE);
    }

    @BeforeEach
    void bootstrap() {
        new Bootstrap(
                        client(),
                        new BootstrapConfig(
                                "10.96.0.1",
                                List.of("10.96.0.0/16"),
                                "192.0.2.7",
                                6443,
                                Map.of("client-ca-file", "PEM")),
                        Clock.systemUTC())
                .run();
    }

    @AfterEach
    void close() {
        security.close();
        timers.shutdownNow();
        storage.close();
    }

    @Test
    void writesNothingTheSecondTime() {
        long revision = storage.currentRevision();
        bootstrap();

        assertThat(storage.currentRevision()).isEqualTo(revision);
    }

    @Test
    void createsTheKubernetesServiceAtItsAddress() {
        JsonNode service = client().get(FakeObjectClient.core("services"), "default", "kubernetes")
                .orElseThrow();

        assertThat(service.path("spec").path("clusterIP").asText()).isEqualTo("10.96.0.1");
    }

    @Test
    void admitsAPodWithItsServiceAccountToken() {
        create(UserInfo.loopback(), FakeObjectClient.core("serviceaccounts"), "default", "metadata: {name: default}");
        ObjectNode pod = create(
                UserInfo.loopback(),
                FakeObjectClient.core("pods"),
                "default",
                "{metadata: {name: p}, spec: {containers: [{name: a, image: x}]}}");

        assertThat(pod.path("spec").path("serviceAccountName").asText()).isEqualTo("default");
        assertThat(pod.path("spec").path("priority").asInt(-1)).isZero();
        assertThat(pod.path("spec").path("tolerations")).hasSize(2);
        assertThat(pod.path("spec").path("volumes").path(0).path("projected").path("sources"))
                .hasSize(3);
    }

    @Test
    void seesABindingAndItsRemovalAtOnce() {
        for (int round = 0; round < 20; round++) {
            assertThat(mayListPods()).as("before round %s", round).isFalse();
            create(
                    UserInfo.loopback(),
                    BINDINGS,
                    "",
                    "{metadata: {name: grant}, roleRef: {apiGroup: " + RBAC + ", kind: ClusterRole, name: view},"
                            + " subjects: [{apiGroup: " + RBAC + ", kind: User, name: alice}]}");
            assertThat(mayListPods()).as("granted in round %s", round).isTrue();
            client().delete(BINDINGS, "", "grant", Json.object());
        }
    }

    @Test
    void letsNobodyMakeThemselfAdministrator() {
        assertThatThrownBy(() -> create(
                        ALICE,
                        BINDINGS,
                        "",
                        "{metadata: {name: mine}, roleRef: {apiGroup: " + RBAC
                                + ", kind: ClusterRole, name: cluster-admin}, subjects: [{apiGroup: " + RBAC
                                + ", kind: User, name: alice}]}"))
                .hasMessageContaining("is attempting to grant RBAC permissions not currently held");
        assertThat(client().get(BINDINGS, "", "mine")).isEmpty();
    }

    private boolean mayListPods() {
        return security.authorizer()
                .authorize(new Attributes(ALICE, "list", "", "v1", "pods", "", "default", "", ""))
                .allowed();
    }

    private ObjectNode create(UserInfo user, GroupVersionResource resource, String namespace, String yaml) {
        var kind = kinds.find(resource).orElseThrow();
        return store.create(
                        Target.collection(kind, namespace),
                        new Decoded(FakeObjectClient.yaml(yaml), List.of()),
                        WriteOptions.DEFAULT,
                        Caller.of(user, "test"))
                .object();
    }

    private ObjectClient client() {
        if (client == null) {
            throw new IllegalStateException("not made yet");
        }
        return client;
    }

    private static ServiceAccountKeys keys() throws Exception {
        var generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        KeyPair keys = generator.generateKeyPair();
        return new ServiceAccountKeys((ECPrivateKey) keys.getPrivate(), (ECPublicKey) keys.getPublic(), List.of());
    }

    private record Services(ClusterIps clusterIps, Authorizer authorizer, ServiceAccountTokens serviceAccountTokens)
            implements ServerServices {}
}
