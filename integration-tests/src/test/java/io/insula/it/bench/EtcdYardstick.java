package io.insula.it.bench;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.PutOption;
import io.grpc.netty.GrpcSslContexts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/// What etcd by itself does with objects of the same size: the transaction of a create and the linearizable read of a
/// get, as an API server issues them.
final class EtcdYardstick implements AutoCloseable {

    private static final long PATIENCE_SECONDS = 30;

    private final Client client;
    private final ByteSequence value;
    private final AtomicLong names = new AtomicLong();

    private EtcdYardstick(Client client, byte[] value) {
        this.client = client;
        this.value = ByteSequence.from(value);
    }

    /// Of an etcd without TLS.
    EtcdYardstick(String endpoint, byte[] value) {
        this(Client.builder().endpoints("http://" + endpoint).build(), value);
    }

    /// @param ca whom to trust as etcd
    static EtcdYardstick withTls(String endpoint, Path ca, Path certificate, Path key, byte[] value)
            throws IOException {
        var tls = GrpcSslContexts.forClient()
                .trustManager(ca.toFile())
                .keyManager(certificate.toFile(), key.toFile())
                .build();
        return new EtcdYardstick(
                Client.builder()
                        .endpoints("https://" + endpoint)
                        .sslContext(tls)
                        .build(),
                value);
    }

    /// Clients that create a new key each time.
    List<Load.Client> creating(int clients) {
        return each(clients, this::create);
    }

    /// Clients that read one key, linearizably.
    List<Load.Client> getting(int clients) {
        create(client.getKVClient());
        ByteSequence key = key(names.get());
        return each(clients, kv -> kv.get(key).get(PATIENCE_SECONDS, TimeUnit.SECONDS));
    }

    @FunctionalInterface
    private interface Operation {
        void on(KV kv) throws Exception;
    }

    private List<Load.Client> each(int clients, Operation operation) {
        var all = new ArrayList<Load.Client>();
        for (int i = 0; i < clients; i++) {
            all.add(() -> operation.on(client.getKVClient()));
        }
        return all;
    }

    private void create(KV kv) {
        ByteSequence key = key(names.incrementAndGet());
        try {
            kv.txn()
                    .If(new Cmp(key, Cmp.Op.EQUAL, CmpTarget.modRevision(0)))
                    .Then(Op.put(key, value, PutOption.DEFAULT))
                    .commit()
                    .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } catch (Exception e) {
            throw new IllegalStateException("etcd refused a create: " + e.getMessage(), e);
        }
    }

    private static ByteSequence key(long number) {
        return ByteSequence.from("/yardstick/pods/default/pod-" + number, StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        client.close();
    }
}
