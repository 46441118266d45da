package io.insula.controlplane.audit;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;

/// Finds where the newest events begin, backwards from the end of each partition, in steps that grow until there are
/// enough of them. Confined to one thread; changes what the consumer stands at.
final class AuditTailSearch {

    /// A tenant without events must not make us read for hours.
    static final int SEARCHED_AT_MOST = 1_000_000;

    private static final Duration POLL = Duration.ofMillis(250);
    private static final Duration SILENT_FOR = Duration.ofSeconds(30);
    private static final long FIRST_STEP = 500;
    private static final long LONGEST_STEP = 100_000;

    private final KafkaConsumer<String, byte[]> consumer;
    private final String tenant;
    private final int count;
    private final List<TopicPartition> partitions;
    private int searched;
    private boolean complete = true;

    private record Found(TopicPartition partition, long offset, long timestamp) {}

    AuditTailSearch(KafkaConsumer<String, byte[]> consumer, String tenant, int count) {
        this.consumer = consumer;
        this.tenant = tenant;
        this.count = count;
        this.partitions = List.copyOf(consumer.assignment());
    }

    /// Where the events since `begin` start in each partition.
    static Map<TopicPartition, Long> starts(KafkaConsumer<String, byte[]> consumer, Instant begin) {
        Set<TopicPartition> all = consumer.assignment();
        Map<TopicPartition, Long> starts = new HashMap<>(consumer.beginningOffsets(all));
        if (begin.toEpochMilli() <= 0) {
            return starts;
        }
        Map<TopicPartition, Long> ends = consumer.endOffsets(all);
        consumer.offsetsForTimes(all.stream().collect(Collectors.toMap(p -> p, _ -> begin.toEpochMilli())))
                .forEach((partition, at) ->
                        starts.put(partition, at == null ? ends.getOrDefault(partition, 0L) : at.offset()));
        return starts;
    }

    /// Whether all was searched that could be.
    boolean isComplete() {
        return complete;
    }

    /// Where to begin in each partition, so that the newest `count` events since `begin` follow. All partitions are
    /// assigned again afterwards.
    Map<TopicPartition, Long> find(Instant begin) {
        Map<TopicPartition, Long> starts = starts(consumer, begin);
        Map<TopicPartition, Long> from = new HashMap<>(consumer.endOffsets(partitions));
        var newest = new ArrayList<Found>();
        for (TopicPartition partition : partitions) {
            newest.addAll(newest(partition, starts.getOrDefault(partition, 0L), from.getOrDefault(partition, 0L)));
        }
        newest.sort(Comparator.comparingLong(Found::timestamp).reversed());
        for (Found found : newest.subList(0, Math.min(count, newest.size()))) {
            from.merge(found.partition(), found.offset(), Math::min);
        }
        consumer.assign(partitions);
        return from;
    }

    /// Of one partition, newest first.
    private List<Found> newest(TopicPartition partition, long begin, long end) {
        consumer.assign(List.of(partition));
        var newest = new ArrayList<Found>();
        long step = Math.max(FIRST_STEP, Math.min(count, LONGEST_STEP));
        for (long upTo = end; upTo > begin && newest.size() < count; ) {
            if (searched >= SEARCHED_AT_MOST) {
                complete = false;
                break;
            }
            long from = Math.max(begin, upTo - step);
            newest.addAll(between(partition, from, upTo).reversed());
            upTo = from;
            step = Math.min(LONGEST_STEP, step * 2);
        }
        return newest;
    }

    private List<Found> between(TopicPartition partition, long from, long upTo) {
        consumer.seek(partition, from);
        var found = new ArrayList<Found>();
        Instant answered = Instant.now();
        while (consumer.position(partition) < upTo) {
            for (var record : consumer.poll(POLL)) {
                answered = Instant.now();
                if (record.offset() < upTo) {
                    searched++;
                    if (tenant.isEmpty() || tenant.equals(record.key())) {
                        found.add(new Found(partition, record.offset(), record.timestamp()));
                    }
                }
            }
            if (Instant.now().isAfter(answered.plus(SILENT_FOR))) {
                throw new TimeoutException("no events within " + SILENT_FOR.toSeconds() + " s");
            }
        }
        return found;
    }
}
