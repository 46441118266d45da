package io.insula.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import com.google.gson.reflect.TypeToken;
import io.kubernetes.client.custom.IntOrString;
import io.kubernetes.client.custom.Quantity;
import io.kubernetes.client.custom.V1Patch;
import io.kubernetes.client.informer.ResourceEventHandler;
import io.kubernetes.client.informer.SharedIndexInformer;
import io.kubernetes.client.informer.SharedInformerFactory;
import io.kubernetes.client.informer.cache.Lister;
import io.kubernetes.client.openapi.ApiClient;
import io.kubernetes.client.openapi.ApiException;
import io.kubernetes.client.openapi.apis.CoreV1Api;
import io.kubernetes.client.openapi.models.V1ConfigMap;
import io.kubernetes.client.openapi.models.V1ConfigMapList;
import io.kubernetes.client.openapi.models.V1Deployment;
import io.kubernetes.client.openapi.models.V1DeploymentList;
import io.kubernetes.client.openapi.models.V1Namespace;
import io.kubernetes.client.openapi.models.V1ObjectMeta;
import io.kubernetes.client.openapi.models.V1Service;
import io.kubernetes.client.openapi.models.V1ServicePort;
import io.kubernetes.client.util.ClientBuilder;
import io.kubernetes.client.util.KubeConfig;
import io.kubernetes.client.util.PatchUtils;
import io.kubernetes.client.util.Watch;
import io.kubernetes.client.util.Yaml;
import io.kubernetes.client.util.generic.GenericKubernetesApi;
import io.kubernetes.client.util.generic.dynamic.DynamicKubernetesApi;
import io.kubernetes.client.util.generic.options.PatchOptions;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/// What a program on Kubernetes' own Java client does, in a namespace of its own.
///
/// By that client's types any field may be missing; what every server sends is taken for granted here, as programs do.
@SuppressWarnings("NullAway")
final class JavaClientSession {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String DEPLOYMENT = """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web, namespace: %s}
            spec:
              replicas: 1
              selector: {matchLabels: {app: web}}
              template:
                metadata: {labels: {app: web}}
                spec:
                  containers:
                  - {name: web, image: nginx, resources: {requests: {cpu: 100m}}}
            """;

    private final ApiClient client;
    private final CoreV1Api core;
    private final String namespace;

    JavaClientSession(Path kubeconfig, String namespace) throws IOException {
        try (Reader reader = Files.newBufferedReader(kubeconfig)) {
            client = ClientBuilder.kubeconfig(KubeConfig.loadKubeConfig(reader)).build();
        }
        core = new CoreV1Api(client);
        this.namespace = namespace;
    }

    void run() throws Exception {
        core.createNamespace(new V1Namespace().metadata(new V1ObjectMeta().name(namespace)))
                .execute();
        createsAndReads();
        patches();
        watches();
        keepsACacheByAnInformer();
        managesDeploymentsGenerically();
        readsWhatItHasNoClassFor();
        core.deleteNamespace(namespace).execute();
        client.getHttpClient().connectionPool().evictAll();
    }

    private void createsAndReads() throws ApiException {
        core.createNamespacedConfigMap(namespace, map("settings", Map.of("a", "1")))
                .execute();
        var page = core.listNamespacedConfigMap(namespace).limit(1).execute();
        assertThat(page.getItems()).hasSize(1);
        assertThat(page.getMetadata().getContinue()).isNotEmpty();
        var next = core.listNamespacedConfigMap(namespace)
                .limit(5)
                ._continue(page.getMetadata().getContinue())
                .execute();
        assertThat(next.getItems()).doesNotContainAnyElementsOf(page.getItems()).isNotEmpty();
        var port = new V1ServicePort().port(80).targetPort(new IntOrString("http"));
        V1Service service = core.createNamespacedService(
                        namespace,
                        new V1Service()
                                .metadata(new V1ObjectMeta().name("web"))
                                .spec(new io.kubernetes.client.openapi.models.V1ServiceSpec().ports(List.of(port))))
                .execute();
        assertThat(service.getSpec().getClusterIP()).isNotEmpty();
        assertThat(service.getSpec().getPorts().getFirst().getTargetPort()).isEqualTo(new IntOrString("http"));
        assertThatThrownBy(() -> core.readNamespacedConfigMap("nope", namespace).execute())
                .isInstanceOfSatisfying(ApiException.class, e -> {
                    assertThat(e.getCode()).isEqualTo(404);
                    assertThat(e.getResponseBody()).contains("configmaps \\\"nope\\\" not found");
                });
    }

    private void patches() throws ApiException {
        assertThat(patched(V1Patch.PATCH_FORMAT_STRATEGIC_MERGE_PATCH, "{\"data\":{\"b\":\"2\"}}"))
                .containsEntry("b", "2");
        assertThat(patched(V1Patch.PATCH_FORMAT_JSON_MERGE_PATCH, "{\"data\":{\"b\":null}}"))
                .doesNotContainKey("b");
        assertThat(patched(V1Patch.PATCH_FORMAT_JSON_PATCH, "[{\"op\":\"add\",\"path\":\"/data/c\",\"value\":\"3\"}]"))
                .containsEntry("c", "3");
        assertThat(patched(V1Patch.PATCH_FORMAT_APPLY_YAML, Yaml.dump(map("settings", Map.of("d", "4")))))
                .containsEntry("c", "3")
                .containsEntry("d", "4");
    }

    private Map<String, String> patched(String format, String body) throws ApiException {
        var request = core.patchNamespacedConfigMap("settings", namespace, new V1Patch(body))
                .fieldManager("client-java");
        if (format.equals(V1Patch.PATCH_FORMAT_APPLY_YAML)) {
            request = request.force(true);
        }
        var call = request;
        V1ConfigMap map = PatchUtils.patch(V1ConfigMap.class, () -> call.buildCall(null), format, client);
        return new HashMap<>(map.getData());
    }

    private void watches() throws Exception {
        var from =
                core.listNamespacedConfigMap(namespace).execute().getMetadata().getResourceVersion();
        core.createNamespacedConfigMap(namespace, map("watched", Map.of())).execute();
        core.deleteNamespacedConfigMap("watched", namespace).execute();
        var call = core.listNamespacedConfigMap(namespace)
                .watch(true)
                .resourceVersion(from)
                .timeoutSeconds(30)
                .buildCall(null);
        var seen = new CopyOnWriteArrayList<String>();
        try (Watch<V1ConfigMap> watch =
                Watch.createWatch(client, call, new TypeToken<Watch.Response<V1ConfigMap>>() {}.getType())) {
            for (var event : watch) {
                seen.add(event.type + " " + event.object.getMetadata().getName());
                if (seen.size() == 2) {
                    break;
                }
            }
        }
        assertThat(seen).containsExactly("ADDED watched", "DELETED watched");
    }

    private void keepsACacheByAnInformer() throws Exception {
        var factory = new SharedInformerFactory(client);
        SharedIndexInformer<V1ConfigMap> informer = factory.sharedIndexInformerFor(
                parameters -> core.listNamespacedConfigMap(namespace)
                        .resourceVersion(parameters.resourceVersion)
                        .timeoutSeconds(parameters.timeoutSeconds)
                        .watch(parameters.watch)
                        .buildCall(null),
                V1ConfigMap.class,
                V1ConfigMapList.class);
        var seen = new CopyOnWriteArrayList<String>();
        informer.addEventHandler(new ResourceEventHandler<>() {
            @Override
            public void onAdd(V1ConfigMap map) {
                seen.add("added " + map.getMetadata().getName());
            }

            @Override
            public void onUpdate(V1ConfigMap before, V1ConfigMap map) {
                seen.add("updated " + map.getMetadata().getName());
            }

            @Override
            public void onDelete(V1ConfigMap map, boolean unknown) {
                seen.add("deleted " + map.getMetadata().getName());
            }
        });
        factory.startAllRegisteredInformers();
        try {
            Installation.await("the informer is in step", PATIENCE, informer::hasSynced);
            core.createNamespacedConfigMap(namespace, map("second", Map.of())).execute();
            core.replaceNamespacedConfigMap("second", namespace, map("second", Map.of("x", "y")))
                    .execute();
            core.deleteNamespacedConfigMap("second", namespace).execute();
            Installation.await(
                    "the informer has told all",
                    PATIENCE,
                    () -> seen.containsAll(
                            List.of("added settings", "added second", "updated second", "deleted second")));
            assertThat(new Lister<>(informer.getIndexer()).namespace(namespace).get("settings"))
                    .isNotNull();
        } finally {
            factory.stopAllRegisteredInformers();
        }
    }

    private void managesDeploymentsGenerically() throws Exception {
        var deployments = new GenericKubernetesApi<>(
                V1Deployment.class, V1DeploymentList.class, "apps", "v1", "deployments", client);
        V1Deployment made = deployments
                .create((V1Deployment) Yaml.load(DEPLOYMENT.formatted(namespace)))
                .getObject();
        assertThat(made.getSpec()
                        .getTemplate()
                        .getSpec()
                        .getContainers()
                        .getFirst()
                        .getResources()
                        .getRequests())
                .containsEntry("cpu", new Quantity("100m"));
        assertThat(made.getStatus()).isNotNull();
        Installation.await("the deployment is available", PATIENCE, () -> {
            var status = deployments.get(namespace, "web").getObject().getStatus();
            return Integer.valueOf(1).equals(status.getAvailableReplicas());
        });
        var options = new PatchOptions();
        options.setFieldManager("client-java");
        options.setForce(true);
        String apply = DEPLOYMENT.formatted(namespace).replace("replicas: 1", "replicas: 2");
        assertThat(deployments
                        .patch(namespace, "web", V1Patch.PATCH_FORMAT_APPLY_YAML, new V1Patch(apply), options)
                        .throwsApiException()
                        .getObject()
                        .getSpec()
                        .getReplicas())
                .isEqualTo(2);
        assertThat(deployments.list(namespace).getObject().getItems()).hasSize(1);
        assertThat(deployments.delete(namespace, "web").isSuccess()).isTrue();
        assertThat(deployments.get(namespace, "nope").getHttpStatusCode()).isEqualTo(404);
    }

    private void readsWhatItHasNoClassFor() {
        var maps = new DynamicKubernetesApi("", "v1", "configmaps", client);
        JsonObject settings = maps.get(namespace, "settings").getObject().getRaw();
        assertThat(settings.getAsJsonObject("data").get("d").getAsString()).isEqualTo("4");
    }

    private static V1ConfigMap map(String name, Map<String, String> data) {
        return new V1ConfigMap()
                .apiVersion("v1")
                .kind("ConfigMap")
                .metadata(new V1ObjectMeta().name(name))
                .data(data);
    }
}
