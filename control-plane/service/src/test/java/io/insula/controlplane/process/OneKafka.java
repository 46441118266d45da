package io.insula.controlplane.process;

import io.insula.controlplane.audit.KafkaSettings;
import io.insula.rules.digest.Sha256;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// One Kafka for all services that this JVM's tests start, each with a topic of its own: a broker's start takes more of
/// a core than all that such a service tells it. Tests of the embedded broker go without.
public final class OneKafka implements BeforeAllCallback {

    private @Nullable TlsKafka kafka;

    @Override
    public void beforeAll(ExtensionContext context) {
        kafka = context.getRoot()
                .getStore(ExtensionContext.Namespace.create(OneKafka.class))
                .computeIfAbsent(TlsKafka.class, _ -> started(), TlsKafka.class);
    }

    /// How the service of a home reaches it.
    public KafkaSettings settings(Path home) {
        return kafka().settings(topic(home));
    }

    /// The same as options of `insula up`.
    public List<String> options(Path home) {
        TlsKafka kafka = kafka();
        return List.of(
                "--kafka-bootstrap=" + kafka.bootstrap(),
                "--kafka-config=" + kafka.clientConfig(),
                "--kafka-topic=" + topic(home));
    }

    private TlsKafka kafka() {
        return Objects.requireNonNull(kafka, "for what runs in tests");
    }

    private static String topic(Path home) {
        return "insula." + Sha256.hex(home.toString(), 8);
    }

    private static TlsKafka started() {
        var started = new TlsKafka();
        started.start();
        return started;
    }
}
