package io.insula.controlplane.audit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sends the spools to Kafka, round by round: a batch of every spool, then waits for the acknowledgements, then
/// remembers
/// how far each spool came. A crash in between sends a batch again: at least once, and in order, as the idempotent
/// producer
/// never reorders and never gives up on a record while it lives. Owns one platform thread.
final class AuditShipper implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(AuditShipper.class);
    private static final int BATCH_BYTES = 1 << 20;
    private static final int PARTITIONS = 4;
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final Duration ACKNOWLEDGED_WITHIN = Duration.ofSeconds(30);
    private static final Duration CLOSE_WITHIN = Duration.ofSeconds(5);

    private final KafkaSettings kafka;
    private final Map<String, AuditSpool> spools;
    private final Semaphore work = new Semaphore(1);
    private final Thread thread;
    private volatile boolean closed;
    private @Nullable KafkaProducer<String, byte[]> producer;
    private volatile boolean failing;

    AuditShipper(KafkaSettings kafka, Map<String, AuditSpool> spools) {
        this.kafka = kafka;
        this.spools = spools;
        this.thread =
                Thread.ofPlatform().name("insula-audit-shipper").daemon(true).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    boolean isFailing() {
        return failing;
    }

    void wake() {
        if (work.availablePermits() == 0) {
            work.release();
        }
    }

    /// Ships what it can within a few seconds.
    @Override
    public void close() {
        closed = true;
        wake();
        try {
            thread.join(CLOSE_WITHIN);
            if (thread.isAlive()) {
                thread.interrupt();
                thread.join(CLOSE_WITHIN);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            while (!closed) {
                if (work.tryAcquire(PAUSE.toMillis(), TimeUnit.MILLISECONDS)) {
                    work.drainPermits();
                }
                shipAll();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            closeProducer();
        }
    }

    private void shipAll() throws InterruptedException {
        // The first time also without events: whether Kafka takes them is worth knowing before there is one.
        while (producer == null || spools.values().stream().anyMatch(AuditSpool::hasUnshipped)) {
            try {
                shipRound();
                if (failing) {
                    LOG.atInfo().addKeyValue("bootstrap", kafka.bootstrap()).log("audit events reach Kafka again");
                    failing = false;
                }
            } catch (ExecutionException | TimeoutException | RuntimeException e) {
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                report(e);
                closeProducer();
                return;
            }
        }
    }

    private void shipRound() throws ExecutionException, InterruptedException, TimeoutException {
        var sent = new ArrayList<Sent>();
        KafkaProducer<String, byte[]> open = producer();
        for (var spool : spools.entrySet()) {
            for (AuditSpool.Entry entry : spool.getValue().read(spool.getValue().shipped(), BATCH_BYTES)) {
                var record = new ProducerRecord<>(KafkaSettings.TOPIC, spool.getKey(), entry.line());
                sent.add(new Sent(spool.getValue(), entry.end(), open.send(record)));
            }
        }
        for (int i = 0; i < sent.size(); i++) {
            Sent one = sent.get(i);
            one.acknowledged().get(ACKNOWLEDGED_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
            boolean last = i + 1 == sent.size() || sent.get(i + 1).spool() != one.spool();
            if (last) {
                one.spool().markShipped(one.end());
            }
        }
    }

    private KafkaProducer<String, byte[]> producer() throws ExecutionException, InterruptedException {
        if (producer == null) {
            makeTopic();
            producer = new KafkaProducer<>(
                    kafka.with(Map.of(
                            "acks",
                            "all",
                            "enable.idempotence",
                            true,
                            "delivery.timeout.ms",
                            Integer.MAX_VALUE,
                            "max.block.ms",
                            10_000,
                            "linger.ms",
                            5,
                            "compression.type",
                            "lz4",
                            "max.request.size",
                            16 << 20)),
                    new StringSerializer(),
                    new ByteArraySerializer());
        }
        return producer;
    }

    private void makeTopic() throws ExecutionException, InterruptedException {
        try (var admin =
                Admin.create(kafka.with(Map.of("default.api.timeout.ms", 10_000, "request.timeout.ms", 5_000)))) {
            if (isThere(admin)) {
                return;
            }
            var topic = new NewTopic(KafkaSettings.TOPIC, Optional.of(PARTITIONS), Optional.empty())
                    .configs(Map.of("max.message.bytes", Integer.toString(16 << 20)));
            admin.createTopics(List.of(topic)).all().get();
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof TopicExistsException)) {
                throw e;
            }
        }
    }

    /// Asked first, for where the topic was made beforehand we may not be allowed to make one.
    private static boolean isThere(Admin admin) throws ExecutionException, InterruptedException {
        try {
            return !admin.describeTopics(List.of(KafkaSettings.TOPIC))
                    .allTopicNames()
                    .get()
                    .isEmpty();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                return false;
            }
            throw e;
        }
    }

    private void report(Exception e) {
        if (!failing) {
            LOG.atWarn()
                    .addKeyValue("bootstrap", kafka.bootstrap())
                    .addKeyValue("cause", String.valueOf(e.getCause() == null ? e : e.getCause()))
                    .log("audit events wait on disk: Kafka does not take them");
            failing = true;
        }
    }

    private void closeProducer() {
        if (producer != null) {
            producer.close(CLOSE_WITHIN);
            producer = null;
        }
    }

    private record Sent(AuditSpool spool, long end, Future<RecordMetadata> acknowledged) {}
}
