package io.insula.controlplane.drill;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Makes one ConfigMap after the other in a tenant, each by another name, and keeps the names of those that were
/// acknowledged. Thread-safe: guarded by `lock`.
final class DrillWriter implements AutoCloseable {

    private static final long PAUSE_MILLIS = 250;
    private static final int TIMEOUT_MILLIS = 90_000;
    private static final String NAMESPACE = "default";

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final List<String> acknowledged = new ArrayList<>();
    private final Set<String> present = new LinkedHashSet<>();
    private final Thread thread = Thread.ofVirtual().name("drill-writer").unstarted(this::run);
    private @Nullable KubernetesClient client;
    private String last = "nothing was written yet";
    private int number;
    private boolean paused = true;
    private boolean writing;
    private boolean closed;

    DrillWriter() {
        thread.start();
    }

    /// Writes by another kubeconfig from now on.
    void use(String kubeconfig) {
        Config config = Config.fromKubeconfig(kubeconfig);
        config.setRequestRetryBackoffLimit(0);
        config.setRequestTimeout(TIMEOUT_MILLIS);
        KubernetesClient made = new KubernetesClientBuilder().withConfig(config).build();
        KubernetesClient before = locked(() -> {
            KubernetesClient old = client;
            client = made;
            return old;
        });
        if (before != null) {
            before.close();
        }
    }

    void resume() {
        locked(() -> {
            paused = false;
            changed.signalAll();
            return true;
        });
    }

    boolean isPaused() {
        return locked(() -> paused);
    }

    /// Returns when nothing is under way.
    void pause() {
        locked(() -> {
            paused = true;
            changed.signalAll();
            while (writing) {
                changed.awaitUninterruptibly();
            }
            return true;
        });
    }

    /// All whose write was ever acknowledged, in order.
    List<String> everAcknowledged() {
        return locked(() -> List.copyOf(acknowledged));
    }

    /// Those that must be there.
    Set<String> present() {
        return locked(() -> Set.copyOf(present));
    }

    /// The store was set back, which is not a loss.
    void reset(Set<String> names) {
        locked(() -> {
            present.clear();
            return present.addAll(names);
        });
    }

    int count() {
        return locked(acknowledged::size);
    }

    /// The name after all that were tried.
    String next() {
        return locked(() -> name(number));
    }

    /// How it is going, for people.
    @Override
    public String toString() {
        return locked(() -> "the last write ended as " + last
                + (writing ? "; " + name(number - 1) + " is under way" : "") + (paused ? "; it pauses" : "")
                + (thread.isAlive() ? "" : "; its thread has ended"));
    }

    /// What is there now; may fail.
    Set<String> list() {
        KubernetesClient now = locked(() -> client);
        var names = new TreeSet<String>();
        if (now != null) {
            now.configMaps().inNamespace(NAMESPACE).list().getItems().stream()
                    .map(each -> each.getMetadata().getName())
                    .filter(name -> name.startsWith("w-"))
                    .forEach(names::add);
        }
        return names;
    }

    private void run() {
        while (true) {
            KubernetesClient now = awaitTurn();
            if (now == null) {
                return;
            }
            String name = locked(() -> name(number++));
            String ended = write(now, name);
            locked(() -> {
                last = name + ": " + ended;
                if (ended.isEmpty()) {
                    acknowledged.add(name);
                    present.add(name);
                }
                writing = false;
                changed.signalAll();
                return true;
            });
        }
    }

    /// @return null at the end
    private @Nullable KubernetesClient awaitTurn() {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(PAUSE_MILLIS));
        lock.lock();
        try {
            while (!closed && (paused || client == null)) {
                changed.await();
            }
            writing = !closed;
            return closed ? null : client;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        } finally {
            lock.unlock();
        }
    }

    /// @return why it was not acknowledged; empty where it was
    private static String write(KubernetesClient client, String name) {
        try {
            client.resource(new ConfigMapBuilder()
                            .withNewMetadata()
                            .withName(name)
                            .withNamespace(NAMESPACE)
                            .endMetadata()
                            .build())
                    .create();
            return "";
        } catch (RuntimeException e) {
            // of a client that another one replaces meanwhile, too
            return String.valueOf(e.getMessage());
        }
    }

    private static String name(int number) {
        return "w-%06d".formatted(number);
    }

    private <T> T locked(java.util.function.Supplier<T> work) {
        lock.lock();
        try {
            return work.get();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        locked(() -> {
            closed = true;
            changed.signalAll();
            return true;
        });
        KubernetesClient now = locked(() -> client);
        if (now != null) {
            now.close();
        }
    }
}
