package io.insula.controlplane.audit;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;

/// How Kafka is reached.
///
/// @param address answers `host:port`, several separated by commas; asked anew for every connection, for an
///     embedded broker may have to move
/// @param security client settings for TLS and SASL; empty for plain text
/// @param topic every event goes there, keyed by tenant
public record KafkaSettings(Supplier<String> address, Map<String, Object> security, String topic) {

    /// The topic where nobody says otherwise.
    public static final String TOPIC = "insula.audit";

    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(12);

    public KafkaSettings {
        security = Map.copyOf(security);
    }

    /// Where Kafka is now.
    public String bootstrap() {
        return address.get();
    }

    /// Asks the brokers for their names.
    ///
    /// @throws KafkaException saying why nobody answered within some seconds, or that the settings are no client's
    public void requireAnswer() {
        try (var admin = Admin.create(with(Map.of("default.api.timeout.ms", 10_000, "request.timeout.ms", 5_000)))) {
            admin.describeCluster().nodes().get(ANSWER_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new KafkaException(String.valueOf((e.getCause() == null ? e : e.getCause()).getMessage()), e);
        } catch (TimeoutException e) {
            throw new KafkaException("no answer within " + ANSWER_WITHIN.toSeconds() + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KafkaException("interrupted", e);
        }
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
