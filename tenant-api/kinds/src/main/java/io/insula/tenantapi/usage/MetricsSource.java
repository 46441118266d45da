package io.insula.tenantapi.usage;

import io.insula.tenantapi.api.ApiException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/// Knows what nodes and pods use now. Thread-safe; asked at each read, and may take a second.
public interface MetricsSource {

    /// Those that something is known of.
    ///
    /// @throws ApiException where nothing can be known at present
    List<NodeUsage> nodes();

    /// Those that something is known of, in all namespaces.
    ///
    /// @throws ApiException where nothing can be known at present
    List<PodUsage> pods();

    /// What something uses.
    ///
    /// @param nanoCores thousand-millionths of a processor, on average over the window
    /// @param bytes of memory that cannot be taken back
    record Usage(long nanoCores, long bytes) {
        public static final Usage NONE = new Usage(0, 0);

        public Usage plus(Usage other) {
            return new Usage(nanoCores + other.nanoCores, bytes + other.bytes);
        }
    }

    /// Until when, and over how long, something was looked at.
    record Window(Instant end, Duration length) {}

    record NodeUsage(String name, Map<String, String> labels, Window window, Usage usage) {
        public NodeUsage {
            labels = Map.copyOf(labels);
        }
    }

    /// @param containers what each uses, by its name
    record PodUsage(
            String namespace, String name, Map<String, String> labels, Window window, Map<String, Usage> containers) {
        public PodUsage {
            labels = Map.copyOf(labels);
            containers = Map.copyOf(containers);
        }

        public Usage total() {
            return containers.values().stream().reduce(Usage.NONE, Usage::plus);
        }
    }
}
