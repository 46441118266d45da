package io.insula.controlplane.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.insula.host.simulation.SimulatedLogs;
import io.insula.syncer.engine.NameMap;
import io.insula.syncer.engine.TenantId;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.server.ServerComponents;
import io.micronaut.context.ApplicationContext;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// A tenant's `kubectl logs`, over two real API servers.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostLogsTest {

    private static final GroupVersionResource PODS = new GroupVersionResource("", "v1", "pods");
    private static final TenantId ACME = new TenantId("acme");
    private static final NameMap NAMES = new NameMap(ACME);
    private static final String NAMESPACE = "default";

    private final ApplicationContext beans = ApplicationContext.run();
    private final AtomicReference<TestCluster> host = new AtomicReference<>();
    private final AtomicReference<TestCluster> acme = new AtomicReference<>();

    @BeforeAll
    void start(@TempDir Path folder) {
        var components = beans.getBean(ServerComponents.class);
        host.set(new TestCluster(
                "host",
                folder.resolve("host"),
                components,
                builder -> builder.passThrough(
                        new SimulatedLogs(() -> of(host).server().client()))));
        acme.set(new TestCluster(
                "acme",
                folder.resolve("acme"),
                components,
                builder -> builder.passThrough(new HostStreams(
                        NAMES, of(host).client(), () -> of(acme).server().client()))));
        of(host).client()
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(ACME.hostNamespace())
                        .endMetadata()
                        .build())
                .create();
        ClusterPods.account(of(host), ACME.hostNamespace());
        ClusterPods.account(of(acme), NAMESPACE);
    }

    @AfterAll
    void stop() {
        of(acme).close();
        of(host).close();
        beans.close();
    }

    @Test
    void readsWhatItsOwnHostPodSaid() {
        var pod = tenantPod("web");
        hostPod(pod, pod.getMetadata().getUid());

        assertThat(of(acme).client()
                        .pods()
                        .inNamespace(NAMESPACE)
                        .withName("web")
                        .getLog())
                .isEqualTo("container c started: simulated, runs nothing\n");
        assertThat(of(acme).client()
                        .pods()
                        .inNamespace(NAMESPACE)
                        .withName("web")
                        .usingTimestamps()
                        .getLog())
                .startsWith("2026-01-01T00:00:00Z container c");
        assertThatThrownBy(() -> of(acme).client()
                        .pods()
                        .inNamespace(NAMESPACE)
                        .withName("web")
                        .inContainer("nope")
                        .getLog())
                .hasMessageContaining("container nope is not valid for pod web")
                .hasMessageNotContaining("insula-acme");
    }

    @Test
    void followsUntilTheContainerEnds() throws Exception {
        var pod = tenantPod("job");
        var onHost = hostPod(pod, pod.getMetadata().getUid());
        var client = of(acme).client();
        var request = client.getHttpClient()
                .newHttpRequestBuilder()
                .uri(client.getMasterUrl() + "api/v1/namespaces/default/pods/job/log?follow=true")
                .build();

        var said = client.getHttpClient().sendAsync(request, String.class);
        status(of(host), onHost, """
                {"status":{"containerStatuses":[{"name":"c","image":"i","imageID":"","ready":false,"restartCount":0,
                "state":{"terminated":{"exitCode":0,"startedAt":"2026-01-01T00:00:00Z"}}}]}}""");

        assertThat(said.get(3, TimeUnit.MINUTES).bodyString()).startsWith("container c started");
    }

    @Test
    void readsNothingOfAnotherPodOfItsName() {
        var pod = tenantPod("stale");
        hostPod(pod, "another-uid");

        assertThatThrownBy(() -> of(acme).client()
                        .pods()
                        .inNamespace(NAMESPACE)
                        .withName("stale")
                        .getLog())
                .hasMessageContaining("pod \"stale\" does not run on the shared cluster, so has no logs");
    }

    @Test
    void findsNoPodThatTheTenantDoesNotHave() {
        var hidden = new PodBuilder(tenantPod("hidden")).build();
        hostPod(hidden, hidden.getMetadata().getUid());
        var hostName = NAMES.hostName("Pod", NAMESPACE, "hidden");

        assertThatThrownBy(() -> of(acme).client()
                        .pods()
                        .inNamespace(ACME.hostNamespace())
                        .withName(hostName)
                        .getLog())
                .hasMessageContaining("pods \"" + hostName + "\" not found");
    }

    private Pod tenantPod(String name) {
        var pod = of(acme).client().resource(ClusterPods.pod(name, NAMESPACE)).create();
        ClusterPods.bind(of(acme), pod);
        return pod;
    }

    private Pod hostPod(Pod tenant, String uid) {
        var meta = NAMES.hostMeta(
                "Pod",
                new PodBuilder(tenant).editMetadata().withUid(uid).endMetadata().build());
        var made = of(host).client()
                .resource(new PodBuilder(ClusterPods.pod("x", ACME.hostNamespace()))
                        .withMetadata(meta)
                        .build())
                .create();
        ClusterPods.bind(of(host), made);
        status(of(host), made, """
                {"status":{"phase":"Running","containerStatuses":[{"name":"c","image":"i","imageID":"","ready":true,
                "restartCount":0,"state":{"running":{"startedAt":"2026-01-01T00:00:00Z"}}}]}}""");
        return made;
    }

    private static void status(TestCluster cluster, Pod pod, String patch) {
        cluster.server()
                .client()
                .mergePatch(
                        PODS,
                        pod.getMetadata().getNamespace(),
                        pod.getMetadata().getName(),
                        "status",
                        Json.parse(patch.getBytes(StandardCharsets.UTF_8)));
    }

    private static TestCluster of(AtomicReference<TestCluster> cluster) {
        return Objects.requireNonNull(cluster.get());
    }
}
