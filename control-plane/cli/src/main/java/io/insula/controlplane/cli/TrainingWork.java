package io.insula.controlplane.cli;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.insula.controlplane.home.Home;
import io.insula.tenantapi.api.Json;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// What a service does from its start on: tenants, pods, watches, and the requests of clients as kubectl is
/// one. Most of it several times over, as the JVM learns of a method only after some calls.
final class TrainingWork {

    private static final int TENANTS = 2;
    private static final long PATIENCE_SECONDS = 120;
    private static final String NAMESPACE = "default";

    private static final String TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
    private static final List<String> DISCOVERY = List.of(
            "/version",
            "/api",
            "/apis",
            "/api/v1",
            "/apis/apps/v1",
            "/openapi/v3",
            "/api/v1/namespaces/default/events",
            "/api/v1/namespaces/default/pods",
            "/apis/apps/v1/namespaces/default/deployments",
            "/api/v1/nodes");

    private static final String APP = """
            apiVersion: v1
            kind: Service
            metadata: {name: web}
            spec:
              selector: {app: web}
              ports: [{port: 80, targetPort: 8080}]
            ---
            apiVersion: v1
            kind: Secret
            metadata: {name: web}
            stringData: {key: value}
            ---
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web}
            spec:
              replicas: 3
              selector: {matchLabels: {app: web}}
              template:
                metadata: {labels: {app: web}}
                spec:
                  containers:
                  - name: web
                    image: registry.example/web:1
                    envFrom: [{secretRef: {name: web}}]
                    resources: {requests: {cpu: 100m, memory: 32Mi}}
            """;

    private final Home home;

    /// @param home of the service
    TrainingWork(Home home) {
        this.home = home;
    }

    /// @param rounds how often the requests are made, in each tenant
    void run(int rounds) {
        try (var admin = AdminClient.connect(home)) {
            for (int i = 1; i <= TENANTS; i++) {
                String tenant = "tenant-" + i;
                admin.post("/v1/tenants", Json.object().put("name", tenant).put("profile", "runc"));
                TenantRequests.awaitReady(admin, tenant);
                String kubeconfig =
                        TenantRequests.kubeconfig(admin, tenant, KubeconfigOptions.administrator("training"));
                try (var client = new KubernetesClientBuilder()
                        .withConfig(Config.fromKubeconfig(kubeconfig))
                        .build()) {
                    work(client, rounds);
                }
            }
            admin.get("/v1/status");
            admin.delete("/v1/tenants/tenant-1");
        }
    }

    private static void work(KubernetesClient client, int rounds) {
        var all = client.load(new ByteArrayInputStream(APP.getBytes(StandardCharsets.UTF_8)))
                .inNamespace(NAMESPACE);
        all.serverSideApply();
        try (var _ = client.configMaps().inNamespace(NAMESPACE).watch(new Watching())) {
            for (int i = 0; i < rounds; i++) {
                configMap(client, "config-" + i);
                if (i % 10 == 0) {
                    DISCOVERY.forEach(path -> ask(client, path));
                }
            }
        }
        client.apps()
                .deployments()
                .inNamespace(NAMESPACE)
                .withName("web")
                .waitUntilReady(PATIENCE_SECONDS, TimeUnit.SECONDS);
        all.delete();
    }

    private static void configMap(KubernetesClient client, String name) {
        ConfigMap wanted = new ConfigMapBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(NAMESPACE)
                .endMetadata()
                .addToData("key", name)
                .build();
        client.resource(wanted).create();
        var it = client.configMaps().inNamespace(NAMESPACE).withName(name);
        it.get();
        it.patch(PatchContext.of(PatchType.JSON_MERGE), "{\"data\":{\"key\":\"changed\"}}");
        client.configMaps().inNamespace(NAMESPACE).list();
        it.delete();
    }

    /// As kubectl asks.
    private static void ask(KubernetesClient client, String path) {
        var http = client.getHttpClient();
        var request = http.newHttpRequestBuilder()
                .uri(URI.create(client.getMasterUrl() + "/").resolve(path))
                .header("Accept", TABLE)
                .build();
        try {
            http.sendAsync(request, byte[].class).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandException("interrupted", e);
        } catch (ExecutionException | TimeoutException e) {
            throw new CommandException("no answer to GET " + path + " (" + e + ")", e);
        }
    }

    /// Only that it is sent matters.
    private static final class Watching implements Watcher<ConfigMap> {
        @Override
        public void eventReceived(Action action, ConfigMap object) {
            // nothing to do
        }

        @Override
        public void onClose(WatcherException cause) {
            // the work goes on without
        }
    }
}
