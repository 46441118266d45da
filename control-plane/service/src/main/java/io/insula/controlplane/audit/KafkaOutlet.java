package io.insula.controlplane.audit;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/// The topic, by an idempotent producer: acknowledged by all replicas, never reordered, never given up.
record KafkaOutlet(String topic, KafkaProducer<String, byte[]> producer) implements AuditOutlet {

    private static final int PARTITIONS = 4;
    private static final int EVENT_BYTES = 16 << 20;
    private static final Duration CLOSE_WITHIN = Duration.ofSeconds(5);

    /// Makes the topic where it does not exist.
    static KafkaOutlet open(KafkaSettings kafka) throws ExecutionException, InterruptedException {
        makeTopic(kafka);
        return new KafkaOutlet(
                kafka.topic(),
                new KafkaProducer<>(
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
                                EVENT_BYTES)),
                        new StringSerializer(),
                        new ByteArraySerializer()));
    }

    @Override
    public Future<?> send(String key, byte[] event) {
        return producer.send(new ProducerRecord<>(topic, key, event));
    }

    @Override
    public void close() {
        producer.close(CLOSE_WITHIN);
    }

    private static void makeTopic(KafkaSettings kafka) throws ExecutionException, InterruptedException {
        try (var admin =
                Admin.create(kafka.with(Map.of("default.api.timeout.ms", 10_000, "request.timeout.ms", 5_000)))) {
            if (isThere(admin, kafka.topic())) {
                return;
            }
            var topic = new NewTopic(kafka.topic(), Optional.of(PARTITIONS), Optional.empty())
                    .configs(Map.of("max.message.bytes", Integer.toString(EVENT_BYTES)));
            admin.createTopics(List.of(topic)).all().get();
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof TopicExistsException)) {
                throw e;
            }
        }
    }

    /// Asked first, for where the topic was made beforehand we may not be allowed to make one.
    private static boolean isThere(Admin admin, String topic) throws ExecutionException, InterruptedException {
        try {
            return !admin.describeTopics(List.of(topic)).allTopicNames().get().isEmpty();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                return false;
            }
            throw e;
        }
    }
}
