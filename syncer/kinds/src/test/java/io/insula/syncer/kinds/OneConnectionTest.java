package io.insula.syncer.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Informable;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.insula.syncer.engine.Connections;
import io.insula.syncer.engine.SyncEngine;
import io.micronaut.context.ApplicationContext;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// How many connections, each of which is a handshake at both ends, what a syncer asks of a server takes.
@Timeout(300)
class OneConnectionTest {

    @Test
    void asksAndWatchesAllThatItWantsOverOneConnection() throws Exception {
        try (var beans = ApplicationContext.run();
                var cluster = new Cluster(beans, false, List.of());
                var wire = new Wire(URI.create(cluster.config().getMasterUrl()).getPort());
                KubernetesClient client =
                        Connections.open(SyncEngine.hostConfig(Connections.near(new ConfigBuilder(cluster.config())
                                .withMasterUrl("https://127.0.0.1:" + wire.port())
                                .build())))) {
            var watched = watchSeveral(client);
            CompletableFuture.allOf(IntStream.range(0, 8)
                            .mapToObj(_ -> CompletableFuture.runAsync(() -> client.getKubernetesVersion()))
                            .toArray(CompletableFuture<?>[]::new))
                    .join();
            await(() -> watched.stream().allMatch(SharedIndexInformer::hasSynced));
            make(cluster, "watched");
            await(() -> isIn(watched.getFirst(), "watched"));
            assertThat(wire.accepted()).isEqualTo(1);

            wire.cut();
            make(cluster, "made-meanwhile");
            wire.mend();
            await(() -> isIn(watched.getFirst(), "made-meanwhile"));
            watched.forEach(SharedIndexInformer::close);
        }
    }

    private static List<SharedIndexInformer<? extends HasMetadata>> watchSeveral(KubernetesClient client) {
        return Stream.<Informable<? extends HasMetadata>>of(
                        client.configMaps().inAnyNamespace(),
                        client.secrets().inAnyNamespace(),
                        client.pods().inAnyNamespace(),
                        client.services().inAnyNamespace(),
                        client.namespaces(),
                        client.nodes(),
                        client.persistentVolumes(),
                        client.storage().v1().storageClasses())
                .<SharedIndexInformer<? extends HasMetadata>>map(kind -> {
                    var informer = kind.runnableInformer(0);
                    informer.exceptionHandler((_, _) -> true);
                    var _ = informer.start();
                    return informer;
                })
                .toList();
    }

    private static void make(Cluster cluster, String name) {
        cluster.client()
                .resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace("default")
                        .endMetadata()
                        .build())
                .create();
    }

    private static boolean isIn(SharedIndexInformer<? extends HasMetadata> seen, String name) {
        return seen.getStore().list().stream()
                .anyMatch(object -> object.getMetadata().getName().equals(name));
    }

    private static void await(BooleanSupplier reached) {
        while (!reached.getAsBoolean()) {
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
    }
}
