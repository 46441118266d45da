package io.insula.controlplane.audit;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;

/// How Kafka is reached.
///
/// @param address answers `host:port`, several separated by commas; asked anew for every connection, for an embedded
///     broker may have to move
/// @param security client settings for TLS and SASL; empty for plain text
public record KafkaSettings(Supplier<String> address, Map<String, Object> security) {

    /// Every event goes here, keyed by tenant.
    public static final String TOPIC = "insula.audit";

    public KafkaSettings {
        security = Map.copyOf(security);
    }

    /// Where Kafka is now.
    public String bootstrap() {
        return address.get();
    }

    /// Client settings for one connection.
    ///
    /// @param more win over ours
    public Map<String, Object> with(Map<String, Object> more) {
        var all = new HashMap<String, Object>(security);
        all.put("bootstrap.servers", bootstrap());
        all.putAll(more);
        return all;
    }
}
