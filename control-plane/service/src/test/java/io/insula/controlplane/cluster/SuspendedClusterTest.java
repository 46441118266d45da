package io.insula.controlplane.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.insula.controlplane.pki.ClusterPki;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.auth.Authorizer.ResourceRule;
import io.insula.tenantapi.rbac.StandingRights;
import io.insula.tenantapi.server.ServerComponents;
import io.micronaut.context.ApplicationContext;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// Those who have every right in a suspended cluster try to change something in it.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SuspendedClusterTest {

    private static final String MAPS = "/api/v1/namespaces/default/configmaps";
    private static final String BODY = "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"new\"}}";

    private final AtomicBoolean suspended = new AtomicBoolean();
    private final ApplicationContext beans = ApplicationContext.run();
    private TestCluster cluster = unset();
    private String token = "";

    @BeforeAll
    void start(@TempDir Path folder) {
        var syncer = new StandingRights(
                ClusterPki.SYNCER,
                List.of(new ResourceRule(
                        List.of("create", "delete"),
                        List.of(""),
                        List.of("configmaps", "serviceaccounts/token"),
                        List.of())));
        cluster = new TestCluster(
                "acme",
                folder,
                beans.getBean(ServerComponents.class),
                builder -> builder.standing(syncer).suspended(suspended::get));
        cluster.client().resource(map("there")).create();
        cluster.client()
                .raw(
                        "/api/v1/namespaces/default/serviceaccounts",
                        "POST",
                        "{\"apiVersion\":\"v1\",\"kind\":\"ServiceAccount\",\"metadata\":{\"name\":\"robot\"}}");
        cluster.client()
                .raw(
                        "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
                        "POST",
                        "{\"apiVersion\":\"rbac.authorization.k8s.io/v1\",\"kind\":\"ClusterRoleBinding\","
                                + "\"metadata\":{\"name\":\"robot\"},\"roleRef\":{\"apiGroup\":\"rbac.authorization.k8s.io\","
                                + "\"kind\":\"ClusterRole\",\"name\":\"cluster-admin\"},\"subjects\":[{\"kind\":"
                                + "\"ServiceAccount\",\"name\":\"robot\",\"namespace\":\"default\"}]}");
        token = cluster.client()
                .serviceAccounts()
                .inNamespace("default")
                .withName("robot")
                .tokenRequest()
                .getStatus()
                .getToken();
    }

    @BeforeEach
    void suspend() {
        suspended.set(true);
    }

    @AfterAll
    void stop() {
        cluster.close();
        beans.close();
    }

    @Test
    void refusesEveryWriteOfThoseWhoMayDoEverything() {
        String before = content();
        for (String line : List.of(
                "POST " + MAPS,
                "POST " + MAPS + "?dryRun=All",
                "POST " + MAPS + "/",
                "PUT " + MAPS + "/there",
                "PATCH " + MAPS + "/there",
                "PATCH " + MAPS + "/applied?fieldManager=mallory&force=true",
                "DELETE " + MAPS + "/there",
                "DELETE " + MAPS + "/there/",
                "DELETE " + MAPS,
                "DELETE " + MAPS + "?watch=true",
                "POST " + MAPS + "?watch=true",
                "POST /api/v1/watch/namespaces/default/configmaps",
                "PUT /api/v1/namespaces/default/finalize",
                "DELETE /api/v1/namespaces/default",
                "PATCH /api/v1/namespaces/default/status",
                "PUT /api/v1/namespaces/default/pods/p/status",
                "POST /api/v1/namespaces/default/pods/p/binding",
                "POST /api/v1/namespaces/default/bindings",
                "POST /api/v1/namespaces/default/pods/p/eviction",
                "PUT /api/v1/namespaces/default/pods/p/ephemeralcontainers",
                "PATCH /api/v1/namespaces/default/pods/p/resize",
                "PATCH /apis/apps/v1/namespaces/default/deployments/d/scale",
                "POST /api/v1/namespaces/default/serviceaccounts/robot/token",
                "GET /api/v1/namespaces/default/pods/p/exec?command=sh",
                "GET /api/v1/namespaces/default/pods/p/attach",
                "GET /api/v1/namespaces/default/pods/p/portforward",
                "GET /api/v1/namespaces/default/pods/p/proxy/",
                "GET /api/v1/namespaces/default/services/s/proxy/",
                "POST /api/v1/nodes/n/proxy/run",
                "POST /apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
                "POST /apis/apiextensions.k8s.io/v1/customresourcedefinitions",
                "POST /apis/apiregistration.k8s.io/v1/apiservices",
                "POST /apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations",
                "POST /apis/behind.example.com/v1/things",
                "DELETE /apis/behind.example.com/v1/things",
                "PROPPATCH /apis/behind.example.com/v1/things/x",
                "IMPERSONATE /apis/behind.example.com/v1/users/x",
                "LIST /apis/behind.example.com/v1/things",
                "watch /apis/behind.example.com/v1/things",
                "POST /apis/behind.example.com/v1/watch/things",
                "PUT /apis/certificates.k8s.io/v1/certificatesigningrequests/c/approval",
                "POST /livez",
                "DELETE /version")) {
            for (Config who : everybody()) {
                refused(who, line);
            }
        }
        assertThat(content()).isEqualTo(before);
        suspended.set(false);
        try (KubernetesClient root = client(cluster.config())) {
            root.raw(MAPS, "POST", BODY);
            root.raw(MAPS + "/new", "DELETE", "{}");
        }
    }

    /// All of them may do everything.
    private List<Config> everybody() {
        Config asAnother = new ConfigBuilder(cluster.config())
                .withImpersonateUsername("somebody")
                .withImpersonateGroups(ClusterPki.MASTERS)
                .build();
        return List.of(cluster.config("root", List.of(ClusterPki.MASTERS)), asAnother, robot());
    }

    private Config robot() {
        return new ConfigBuilder(Config.empty())
                .withMasterUrl(cluster.config().getMasterUrl())
                .withCaCertData(cluster.config().getCaCertData())
                .withOauthToken(token)
                .build();
    }

    private static void refused(Config who, String line) {
        int blank = line.indexOf(' ');
        String method = line.substring(0, blank);
        String body = method.equals("GET") ? null : BODY;
        try (KubernetesClient client = client(who)) {
            assertThatThrownBy(() -> client.raw(line.substring(blank + 1), method, body))
                    .as(line)
                    .isInstanceOfSatisfying(KubernetesClientException.class, e -> {
                        assertThat(e.getCode()).as(line + ": " + e.getMessage()).isEqualTo(403);
                        assertThat(e.getMessage()).contains("suspended by its superuser");
                    });
        }
    }

    @Test
    void letsEverybodyReadAndAskWhatTheyMay() {
        for (Config who : everybody()) {
            try (KubernetesClient client = client(who)) {
                assertThat(client.configMaps().inNamespace("default").list().getItems())
                        .isNotEmpty();
                assertThat(client.raw("/version")).contains("gitVersion");
                assertThat(
                                client.raw(
                                        "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
                                        "POST",
                                        "{\"apiVersion\":\"authorization.k8s.io/v1\",\"kind\":\"SelfSubjectAccessReview\","
                                                + "\"spec\":{\"resourceAttributes\":{\"verb\":\"get\",\"resource\":\"pods\"}}}"))
                        .contains("\"allowed\":true");
            }
        }
    }

    /// Who serves the cluster from outside goes on writing, and nobody can act as one of those.
    @Test
    void letsTheSyncerAndTheServerItselfWrite() {
        Config syncer = cluster.config(ClusterPki.SYNCER, List.of(ClusterPki.SYNCER));
        try (KubernetesClient client = client(syncer)) {
            client.raw(MAPS, "POST", BODY);
            client.raw(MAPS + "/new", "DELETE", "{}");
            assertThat(client.serviceAccounts()
                            .inNamespace("default")
                            .withName("robot")
                            .tokenRequest()
                            .getStatus()
                            .getToken())
                    .isNotEmpty();
        }
        var maps = new GroupVersionResource("", "v1", "configmaps");
        assertThatCode(() -> {
                    cluster.server().client().create(maps, "default", (ObjectNode) Json.MAPPER.readTree(BODY));
                    cluster.server().client().delete(maps, "default", "new", Json.object());
                })
                .doesNotThrowAnyException();
        Config asSyncer = new ConfigBuilder(cluster.config())
                .withImpersonateUsername(ClusterPki.SYNCER)
                .withImpersonateGroups(ClusterPki.SYNCER)
                .build();
        try (KubernetesClient client = client(asSyncer)) {
            assertThatThrownBy(() -> client.raw(MAPS, "POST", BODY))
                    .isInstanceOfSatisfying(
                            KubernetesClientException.class,
                            e -> assertThat(e.getCode()).isEqualTo(403));
        }
    }

    @Test
    void keepsWatchesThatAreOpen() throws InterruptedException {
        suspended.set(false);
        var seen = new LinkedBlockingQueue<String>();
        try (KubernetesClient client = client(cluster.config());
                var _ = client.configMaps().inNamespace("default").watch(into(seen))) {
            suspended.set(true);
            var maps = new GroupVersionResource("", "v1", "configmaps");
            ObjectNode made = Json.object();
            made.putObject("metadata").put("name", "by-the-server");
            cluster.server()
                    .client()
                    .create(maps, "default", made.put("apiVersion", "v1").put("kind", "ConfigMap"));
            String next = "";
            while (!next.equals("by-the-server")) {
                next = String.valueOf(seen.poll(1, TimeUnit.MINUTES));
                assertThat(next).isNotEqualTo("null");
            }
            cluster.server().client().delete(maps, "default", "by-the-server", Json.object());
        }
    }

    private static Watcher<ConfigMap> into(BlockingQueue<String> seen) {
        return new Watcher<>() {
            @Override
            public void eventReceived(Action action, ConfigMap map) {
                seen.add(map.getMetadata().getName());
            }

            @Override
            public void onClose(WatcherException cause) {
                seen.add("closed");
            }
        };
    }

    private String content() {
        return cluster.client().configMaps().inAnyNamespace().list().getItems().toString();
    }

    private static ConfigMap map(String name) {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace("default")
                .endMetadata()
                .build();
    }

    private static KubernetesClient client(Config config) {
        config.setRequestRetryBackoffLimit(0);
        return new KubernetesClientBuilder().withConfig(config).build();
    }

    @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"}) // set before all tests
    private static <T> T unset() {
        return null;
    }
}
