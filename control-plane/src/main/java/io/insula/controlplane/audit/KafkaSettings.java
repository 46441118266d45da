package io.insula.controlplane.audit;

import java.util.HashMap;
import java.util.Map;

/// How Kafka is reached.
///
/// @param security client settings for TLS; empty for plain text
public record KafkaSettings(String bootstrap, Map<String, Object> security) {

    /// Every event goes here, keyed by tenant.
    public static final String TOPIC = "insula.audit";

    public KafkaSettings {
        security = Map.copyOf(security);
    }

    Map<String, Object> with(Map<String, Object> more) {
        var all = new HashMap<String, Object>(security);
        all.put("bootstrap.servers", bootstrap);
        all.putAll(more);
        return all;
    }
}
