package io.insula.controlplane.audit;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;

/// Reads the trail back from Kafka, without a consumer group. Thread-safe: each read has a consumer of its own
/// meanwhile; the one that was used last is kept for the next, for making one takes longer than a read.
public final class AuditReader implements AuditReading, AutoCloseable {

    private static final Duration POLL = Duration.ofMillis(250);
    /// How long Kafka may say nothing although there are events.
    private static final Duration SILENT_FOR = Duration.ofSeconds(30);

    private final Supplier<KafkaConsumer<String, byte[]>> connect;
    private final KafkaSettings kafka;
    private final AtomicReference<@Nullable Connection> idle = new AtomicReference<>();

    public AuditReader(KafkaSettings kafka) {
        this(() -> new KafkaConsumer<>(settings(kafka), new StringDeserializer(), new ByteArrayDeserializer()), kafka);
    }

    /// @param connect makes a consumer with [#settings]
    /// @param kafka a consumer of where it was before is not used again
    AuditReader(Supplier<KafkaConsumer<String, byte[]>> connect, KafkaSettings kafka) {
        this.connect = connect;
        this.kafka = kafka;
    }

    /// What the consumers must be set to.
    static Map<String, Object> settings(KafkaSettings kafka) {
        return kafka.with(Map.of(
                "enable.auto.commit",
                false,
                "auto.offset.reset",
                "earliest",
                "default.api.timeout.ms",
                10_000,
                "max.poll.records",
                2_000,
                "fetch.max.bytes",
                16 << 20,
                "max.partition.fetch.bytes",
                4 << 20));
    }

    /// @param json the events, in order per tenant, otherwise about in order of time
    /// @param cursor where the next read goes on; opaque
    /// @param complete false where not all was searched for the newest events, as there is too much of it
    public record Page(List<byte[]> json, String cursor, boolean complete) {}

    /// Which events are wanted.
    ///
    /// @param tenant only its events; of all where it is empty
    /// @param limit at most so many
    public record Wanted(String tenant, int limit) {}

    private record Connection(KafkaConsumer<String, byte[]> consumer, String where) {}

    /// Events after `cursor` (empty for the oldest kept). Ends at the limit, at the end of the topic, or, where
    /// nothing was there, after `patience`.
    ///
    /// @throws IllegalArgumentException for a cursor that is not ours
    @Override
    public Page read(Wanted wanted, String cursor, Duration patience) {
        Map<Integer, Long> from = parse(cursor);
        return with(consumer -> {
            seek(consumer, from);
            return poll(consumer, wanted, patience, true);
        });
    }

    /// The first events since `begin` (of Kafka's own time) and a cursor to go on with.
    @Override
    public Page readSince(Wanted wanted, Instant begin) {
        return with(consumer -> {
            seek(consumer, offsets(AuditTailSearch.starts(consumer, begin)));
            return poll(consumer, wanted, Duration.ZERO, true);
        });
    }

    /// The first of the newest `count` events since `begin`, and a cursor to go on with. Looks backwards from the end,
    /// so that it takes as long as they are many, not as the topic is long.
    @Override
    public Page readLast(Wanted wanted, int count, Instant begin) {
        return with(consumer -> {
            var search = new AuditTailSearch(consumer, wanted.tenant(), count);
            seek(consumer, offsets(search.find(begin)));
            return poll(consumer, wanted, Duration.ZERO, search.isComplete());
        });
    }

    @Override
    public void close() {
        Connection kept = idle.getAndSet(null);
        if (kept != null) {
            kept.consumer().close();
        }
    }

    private interface Work {
        Page run(KafkaConsumer<String, byte[]> consumer);
    }

    private Page with(Work work) {
        Connection connection = take();
        boolean done = false;
        try {
            KafkaConsumer<String, byte[]> consumer = connection.consumer();
            consumer.assign(consumer.partitionsFor(kafka.topic()).stream()
                    .map(p -> new TopicPartition(p.topic(), p.partition()))
                    .toList());
            Page page = work.run(consumer);
            done = true;
            return page;
        } finally {
            if (!done || !idle.compareAndSet(null, connection)) {
                connection.consumer().close();
            }
        }
    }

    private Connection take() {
        String now = kafka.bootstrap();
        Connection kept = idle.getAndSet(null);
        if (kept != null && kept.where().equals(now)) {
            return kept;
        }
        if (kept != null) {
            kept.consumer().close();
        }
        return new Connection(connect.get(), now);
    }

    private static Page poll(
            KafkaConsumer<String, byte[]> consumer, Wanted wanted, Duration patience, boolean complete) {
        Instant deadline = Instant.now().plus(patience);
        Instant answered = Instant.now();
        var found = new ArrayList<ConsumerRecord<String, byte[]>>();
        var at = new TreeMap<Integer, Long>();
        consumer.assignment().forEach(p -> at.put(p.partition(), consumer.position(p)));
        Map<TopicPartition, Long> ends = consumer.endOffsets(consumer.assignment());
        while (found.size() < wanted.limit()) {
            boolean atEnd = ends.entrySet().stream()
                    .allMatch(e -> at.getOrDefault(e.getKey().partition(), 0L) >= e.getValue());
            if (atEnd && (!found.isEmpty() || !Instant.now().isBefore(deadline))) {
                break;
            }
            for (var record : consumer.poll(POLL)) {
                answered = Instant.now();
                if (found.size() == wanted.limit()) {
                    break;
                }
                at.put(record.partition(), record.offset() + 1);
                if (wanted.tenant().isEmpty() || wanted.tenant().equals(record.key())) {
                    found.add(record);
                }
            }
            if (!atEnd && Instant.now().isAfter(answered.plus(SILENT_FOR))) {
                throw new TimeoutException("no events within " + SILENT_FOR.toSeconds() + " s");
            }
        }
        String cursor =
                at.entrySet().stream().map(e -> e.getKey() + ":" + e.getValue()).collect(Collectors.joining(","));
        // One producer makes all of them: its time orders partitions without changing their own order.
        found.sort(Comparator.comparingLong(ConsumerRecord::timestamp));
        return new Page(found.stream().map(ConsumerRecord::value).toList(), cursor, complete);
    }

    private static Map<Integer, Long> offsets(Map<TopicPartition, Long> offsets) {
        return offsets.entrySet().stream()
                .collect(Collectors.toMap(e -> e.getKey().partition(), Map.Entry::getValue));
    }

    /// A consumer that stands there already keeps what it has fetched ahead.
    private static void seek(KafkaConsumer<String, byte[]> consumer, Map<Integer, Long> cursor) {
        for (TopicPartition partition : consumer.assignment()) {
            Long offset = cursor.get(partition.partition());
            if (offset == null) {
                consumer.seekToBeginning(List.of(partition));
            } else if (consumer.position(partition) != offset) {
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
