package io.insula.controlplane.audit;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/// Reads the trail back from Kafka. Immutable; each read is its own consumer, without a group.
public final class AuditReader {

    private static final Duration POLL = Duration.ofMillis(250);

    private final KafkaSettings kafka;

    public AuditReader(KafkaSettings kafka) {
        this.kafka = kafka;
    }

    /// @param json the events, in order per tenant
    /// @param cursor where the next read goes on; opaque
    public record Page(List<byte[]> json, String cursor) {}

    /// Events after `cursor` (empty for the oldest kept), of one tenant or, where `tenant` is empty, of all. Ends at
    /// `limit`
    /// events, at the end of the topic, or, where nothing was there, after `patience`.
    ///
    /// @throws IllegalArgumentException for a cursor that is not ours
    public Page read(String tenant, String cursor, int limit, Duration patience) {
        Map<String, Object> settings = kafka.with(Map.of(
                "enable.auto.commit",
                false,
                "auto.offset.reset",
                "earliest",
                "default.api.timeout.ms",
                10_000,
                "max.partition.fetch.bytes",
                16 << 20));
        try (var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer())) {
            var partitions = consumer.partitionsFor(KafkaSettings.TOPIC).stream()
                    .map(p -> new TopicPartition(p.topic(), p.partition()))
                    .toList();
            consumer.assign(partitions);
            seek(consumer, partitions, parse(cursor));
            return poll(consumer, tenant, limit, Instant.now().plus(patience));
        }
    }

    private static Page poll(KafkaConsumer<String, byte[]> consumer, String tenant, int limit, Instant deadline) {
        var found = new ArrayList<byte[]>();
        var at = new TreeMap<Integer, Long>();
        consumer.assignment().forEach(p -> at.put(p.partition(), consumer.position(p)));
        Map<TopicPartition, Long> ends = consumer.endOffsets(consumer.assignment());
        while (found.size() < limit) {
            for (var record : consumer.poll(POLL)) {
                if (found.size() == limit) {
                    break;
                }
                at.put(record.partition(), record.offset() + 1);
                if (tenant.isEmpty() || tenant.equals(record.key())) {
                    found.add(record.value());
                }
            }
            boolean atEnd = ends.entrySet().stream()
                    .allMatch(e -> at.getOrDefault(e.getKey().partition(), 0L) >= e.getValue());
            if (atEnd && (!found.isEmpty() || Instant.now().isAfter(deadline))) {
                break;
            }
        }
        String cursor =
                at.entrySet().stream().map(e -> e.getKey() + ":" + e.getValue()).collect(Collectors.joining(","));
        return new Page(found, cursor);
    }

    private static void seek(
            KafkaConsumer<String, byte[]> consumer, List<TopicPartition> partitions, Map<Integer, Long> cursor) {
        for (TopicPartition partition : partitions) {
            Long offset = cursor.get(partition.partition());
            if (offset == null) {
                consumer.seekToBeginning(List.of(partition));
            } else {
                consumer.seek(partition, offset);
            }
        }
    }

    private static Map<Integer, Long> parse(String cursor) {
        var offsets = new HashMap<Integer, Long>();
        if (cursor.isEmpty()) {
            return offsets;
        }
        try {
            for (String part : cursor.split(",", -1)) {
                int colon = part.indexOf(':');
                offsets.put(Integer.parseInt(part.substring(0, colon)), Long.parseLong(part.substring(colon + 1)));
            }
        } catch (NumberFormatException | IndexOutOfBoundsException e) {
            throw new IllegalArgumentException("cursor: \"" + cursor + "\" (expected: one from an earlier answer)", e);
        }
        return offsets;
    }
}
