package io.insula.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfigBuilder;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElector;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaseLock;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/// What an operator on fabric8's client does, in a namespace of its own.
record FabricSession(KubernetesClient client, String namespace) {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    void run() throws Exception {
        client.namespaces()
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(namespace)
                        .endMetadata()
                        .build())
                .create();
        writesAndPatches();
        keepsACacheByAnInformer();
        waitsForADeployment();
        readsWhatItHasNoClassFor();
        electsOneLeaderAfterAnother();
        client.namespaces().withName(namespace).delete();
    }

    private void writesAndPatches() {
        ConfigMap made = maps().resource(map("settings", "a", "1")).create();
        maps().withName("settings")
                .edit(m -> new ConfigMapBuilder(m).addToData("b", "2").build());
        maps().withName("settings").patch(PatchContext.of(PatchType.JSON_MERGE), "{\"data\":{\"c\":\"3\"}}");
        maps().withName("settings")
                .patch(PatchContext.of(PatchType.STRATEGIC_MERGE), "{\"metadata\":{\"labels\":{\"tier\":\"x\"}}}");
        assertThat(maps().withName("settings").get().getData())
                .containsExactlyInAnyOrderEntriesOf(Map.of("a", "1", "b", "2", "c", "3"));
        ConfigMap applied = maps().resource(map("settings", "a", "applied"))
                .fieldManager("fabric")
                .forceConflicts()
                .serverSideApply();
        assertThat(applied.getMetadata().getManagedFields())
                .anyMatch(
                        f -> f.getManager().equals("fabric") && f.getOperation().equals("Apply"));
        assertThat(maps().withLabel("tier", "x").list().getItems()).hasSize(1);
        // the version that it was made with is history
        assertThatThrownBy(() -> maps().resource(made).lockResourceVersion().update())
                .isInstanceOfSatisfying(
                        KubernetesClientException.class,
                        e -> assertThat(e.getCode()).isEqualTo(409));
        assertThat(maps().withName("not-there").get()).isNull();
    }

    private void keepsACacheByAnInformer() {
        var seen = new CopyOnWriteArrayList<String>();
        try (var informer = maps().inform(new ResourceEventHandler<>() {
            @Override
            public void onAdd(ConfigMap map) {
                seen.add("added " + map.getMetadata().getName());
            }

            @Override
            public void onUpdate(ConfigMap before, ConfigMap map) {
                seen.add("updated " + map.getMetadata().getName());
            }

            @Override
            public void onDelete(ConfigMap map, boolean unknown) {
                seen.add("deleted " + map.getMetadata().getName());
            }
        })) {
            assertThat(informer.hasSynced()).isTrue();
            assertThat(informer.getStore().getByKey(namespace + "/settings")).isNotNull();
            maps().resource(map("second", "a", "1")).create();
            maps().withName("second")
                    .edit(m -> new ConfigMapBuilder(m).addToData("b", "2").build());
            maps().withName("second").delete();
            Installation.await(
                    "the informer has told all",
                    PATIENCE,
                    () -> seen.containsAll(
                            List.of("added settings", "added second", "updated second", "deleted second")));
            assertThat(informer.getStore().getByKey(namespace + "/second")).isNull();
        }
    }

    private void waitsForADeployment() {
        var deployment = new DeploymentBuilder()
                .withNewMetadata()
                .withName("web")
                .withNamespace(namespace)
                .endMetadata()
                .withNewSpec()
                .withReplicas(1)
                .withNewSelector()
                .addToMatchLabels("app", "web")
                .endSelector()
                .withNewTemplate()
                .withNewMetadata()
                .addToLabels("app", "web")
                .endMetadata()
                .withNewSpec()
                .addNewContainer()
                .withName("web")
                .withImage("nginx")
                .endContainer()
                .endSpec()
                .endTemplate()
                .endSpec()
                .build();
        client.resource(deployment).create();
        var web = client.apps().deployments().inNamespace(namespace).withName("web");
        web.waitUntilReady(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        assertThat(web.scale(2).getSpec().getReplicas()).isEqualTo(2);
        Installation.await("two pods run", PATIENCE, () -> pods().size() == 2);
        web.withTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).delete();
    }

    private List<Pod> pods() {
        return client.pods().inNamespace(namespace).withLabel("app", "web").list().getItems().stream()
                .filter(p -> p.getStatus().getPhase().equals("Running"))
                .toList();
    }

    private void readsWhatItHasNoClassFor() {
        var generic = client.genericKubernetesResources("v1", "ConfigMap").inNamespace(namespace);
        GenericKubernetesResource map = generic.withName("settings").get();
        assertThat(map.<String>get("data", "a")).isEqualTo("applied");
        assertThat(client.getApiGroups().getGroups()).anyMatch(g -> g.getName().equals("apps"));
        assertThat(client.getKubernetesVersion().getMinor()).isEqualTo("34");
    }

    private void electsOneLeaderAfterAnother() throws Exception {
        var seen = new CopyOnWriteArrayList<String>();
        var first = elector("first", seen).start();
        Installation.await("the first leads", PATIENCE, () -> seen.contains("first leads"));
        var second = elector("second", seen).start();
        Installation.await("the second knows the first", PATIENCE, () -> seen.contains("second sees first"));
        assertThat(seen).doesNotContain("second leads");
        first.cancel(true);
        Installation.await("the second leads", PATIENCE, () -> seen.contains("second leads"));
        assertThat(seen.indexOf("first stops")).isBetween(0, seen.indexOf("second leads"));
        second.cancel(true);
    }

    private LeaderElector elector(String name, List<String> seen) {
        return client.leaderElector()
                .withConfig(new LeaderElectionConfigBuilder()
                        .withName(name)
                        .withLock(new LeaseLock(namespace, "leader", name))
                        .withLeaseDuration(Duration.ofSeconds(15))
                        .withRenewDeadline(Duration.ofSeconds(10))
                        .withRetryPeriod(Duration.ofMillis(500))
                        .withReleaseOnCancel(true)
                        .withLeaderCallbacks(new LeaderCallbacks(
                                () -> seen.add(name + " leads"),
                                () -> seen.add(name + " stops"),
                                leader -> seen.add(name + " sees " + leader)))
                        .build())
                .build();
    }

    private io.fabric8.kubernetes.client.dsl.NonNamespaceOperation<
                    ConfigMap,
                    io.fabric8.kubernetes.api.model.ConfigMapList,
                    io.fabric8.kubernetes.client.dsl.Resource<ConfigMap>>
            maps() {
        return client.configMaps().inNamespace(namespace);
    }

    private static ConfigMap map(String name, String key, String value) {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .addToData(key, value)
                .build();
    }
}
