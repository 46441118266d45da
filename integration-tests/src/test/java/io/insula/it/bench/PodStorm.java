package io.insula.it.bench;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// Plain pods in several tenants at once, each tenant's in its namespace `default`, watched as a client of the tenant
/// watches them. Confined to one thread but for the watches.
final class PodStorm implements AutoCloseable {

    private static final String NAMESPACE = "default";
    private static final int CLIENTS = 4;
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private final List<Tenant> tenants = new ArrayList<>();

    /// @param seconds from the first create until the last pod was ready
    /// @param nanos of each pod, from its create's request until it was seen ready, sorted
    record Ready(double seconds, long[] nanos) {

        double perSecond() {
            return nanos.length / seconds;
        }

        double millis(double share) {
            return nanos[(int) Math.min(nanos.length - 1L, (long) (nanos.length * share))] / 1e6;
        }
    }

    private record Tenant(KubernetesClient client, Seen seen) {}

    /// When each pod was first seen ready.
    private static final class Seen implements Watcher<Pod> {
        private final Map<String, Long> ready = new ConcurrentHashMap<>();

        @Override
        public void eventReceived(Action action, Pod pod) {
            String name = pod.getMetadata().getName();
            boolean is = pod.getStatus() != null
                    && pod.getStatus().getConditions().stream()
                            .anyMatch(c -> "Ready".equals(c.getType()) && "True".equals(c.getStatus()));
            if (is) {
                ready.putIfAbsent(name, System.nanoTime());
            }
        }

        @Override
        public void onClose(WatcherException cause) {
            // the storm ends by its patience
        }
    }

    void add(Config tenant) {
        tenants.add(new Tenant(new KubernetesClientBuilder().withConfig(tenant).build(), new Seen()));
    }

    /// Makes pods in all tenants at once and waits until all are ready.
    ///
    /// @param each how many pods a tenant gets
    Ready create(String round, int each) throws InterruptedException {
        var begun = new ConcurrentHashMap<String, Long>();
        long begin = System.nanoTime();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var running = new ArrayList<Future<?>>();
            List<Watch> watches = tenants.stream().map(PodStorm::watch).toList();
            for (int t = 0; t < tenants.size(); t++) {
                for (int c = 0; c < CLIENTS; c++) {
                    int tenant = t;
                    int client = c;
                    running.add(threads.submit(() -> {
                        for (int i = client; i < each; i += CLIENTS) {
                            begun.put(tenant + "/" + round + i, System.nanoTime());
                            make(tenants.get(tenant).client(), round + i);
                        }
                    }));
                }
            }
            await(running);
            await("ready", () -> tenants.stream().allMatch(t -> t.seen().ready.size() >= each));
            watches.forEach(Watch::close);
        }
        return ready(begun, begin);
    }

    private Ready ready(Map<String, Long> begun, long begin) {
        var nanos = new ArrayList<Long>();
        long last = begin;
        for (int t = 0; t < tenants.size(); t++) {
            for (Map.Entry<String, Long> pod : tenants.get(t).seen().ready.entrySet()) {
                Long asked = begun.get(t + "/" + pod.getKey());
                if (asked != null) {
                    nanos.add(pod.getValue() - asked);
                    last = Math.max(last, pod.getValue());
                }
            }
        }
        return new Ready(
                (last - begin) / 1e9, nanos.stream().mapToLong(n -> n).sorted().toArray());
    }

    /// Removes all pods and waits until they are gone.
    void delete() {
        for (Tenant tenant : tenants) {
            tenant.client().pods().inNamespace(NAMESPACE).withGracePeriod(0).delete();
        }
        await(
                "gone",
                () -> tenants.stream()
                        .allMatch(t -> t.client()
                                .pods()
                                .inNamespace(NAMESPACE)
                                .list()
                                .getItems()
                                .isEmpty()));
        tenants.forEach(t -> t.seen().ready.clear());
    }

    private static Watch watch(Tenant tenant) {
        return tenant.client().pods().inNamespace(NAMESPACE).watch(tenant.seen());
    }

    private static void make(KubernetesClient client, String name) {
        Pod pod = new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(NAMESPACE)
                .addToLabels("app", "bench")
                .endMetadata()
                .withNewSpec()
                .addNewContainer()
                .withName("web")
                .withImage("registry.example/web:1")
                .withNewResources()
                .addToRequests("cpu", new Quantity("1m"))
                .addToRequests("memory", new Quantity("1Mi"))
                .endResources()
                .endContainer()
                .endSpec()
                .build();
        client.resource(pod).create();
    }

    private static void await(List<Future<?>> running) throws InterruptedException {
        for (Future<?> each : running) {
            try {
                each.get();
            } catch (ExecutionException e) {
                throw new IllegalStateException("a pod was not created: " + e.getCause(), e.getCause());
            }
        }
    }

    private interface Condition {
        boolean holds();
    }

    private static void await(String what, Condition condition) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.holds()) {
            if (System.nanoTime() - end > 0) {
                throw new IllegalStateException("not all pods are " + what + " within " + PATIENCE);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    @Override
    public void close() {
        tenants.forEach(tenant -> tenant.client().close());
    }
}
