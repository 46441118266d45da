package io.insula.it.backend;

import io.insula.process.Survivors;
import io.insula.process.Survivors.Survivor;
import io.insula.tenantapi.storage.Storage;
import io.insula.tenantapi.storage.StorageEvent;
import io.insula.tenantapi.storage.StorageException;
import io.insula.tenantapi.storage.etcd.EtcdConfig;
import io.insula.tenantapi.storage.etcd.EtcdStorage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Every write to the store of one cluster of an installation, heard from its etcd: each takes one revision, whoever
/// wrote it and by whatever way. Thread-safe: guarded by its monitor.
public final class StoreWrites implements AutoCloseable {

    private static final String ROOT = "/registry/";
    private static final String CLIENT_URLS = "--listen-client-urls=https://";

    private final Storage store;
    private final List<String> keys = new ArrayList<>();
    private @Nullable StorageException lost;

    private StoreWrites(Storage store) {
        this.store = store;
    }

    /// Hears what is written from this moment on.
    ///
    /// @param cluster the cluster's folder in the installation's home, with its certificates and its etcd
    /// @throws IllegalStateException when no etcd runs there
    public static StoreWrites of(Path cluster) {
        Path pki = cluster.resolve("pki");
        Path user = pki.resolve("apiserver-etcd-client.crt");
        var store = new EtcdStorage(EtcdConfig.tls(
                List.of(endpoint(cluster)),
                pki.resolve("etcd-ca.crt"),
                user,
                user.resolveSibling("apiserver-etcd-client.key")));
        var writes = new StoreWrites(store);
        store.watch("/", store.currentRevision(), new Ear(writes));
        return writes;
    }

    private static String endpoint(Path cluster) {
        Path data = cluster.resolve("etcd").resolve("data").toAbsolutePath();
        return Survivors.withArgument("--data-dir=" + data).stream()
                .map(Survivor::arguments)
                .flatMap(List::stream)
                .filter(argument -> argument.startsWith(CLIENT_URLS))
                .map(argument -> argument.substring(CLIENT_URLS.length()))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no etcd runs on " + data));
    }

    /// The keys written since the start or since [#forget], in order, each as often as it was written or removed.
    ///
    /// @throws IllegalStateException when some went unheard
    public synchronized List<String> keys() {
        if (lost != null) {
            throw new IllegalStateException("writes were not heard any more", lost);
        }
        return List.copyOf(keys);
    }

    /// How often each resource was written, by the name that it has in keys (`pods`, `events`, `minions` …).
    public Map<String, Long> byResource() {
        return keys().stream()
                .collect(Collectors.groupingBy(StoreWrites::resource, TreeMap::new, Collectors.counting()));
    }

    private static String resource(String key) {
        String path = key.startsWith(ROOT) ? key.substring(ROOT.length()) : key;
        return path.substring(0, path.indexOf('/', 1) < 0 ? path.length() : path.indexOf('/', 1));
    }

    public synchronized void forget() {
        keys.clear();
    }

    private synchronized void heard(List<StorageEvent> events) {
        events.forEach(event -> keys.add(event.key()));
    }

    private synchronized void ended(StorageException error) {
        lost = error;
    }

    @Override
    public void close() {
        store.close();
    }

    private record Ear(StoreWrites writes) implements Storage.Listener {
        @Override
        public void onEvents(List<StorageEvent> events) {
            writes.heard(events);
        }

        @Override
        public void onProgress(long revision) {
            // nothing is written by it
        }

        @Override
        public void onError(StorageException error) {
            writes.ended(error);
        }
    }
}
