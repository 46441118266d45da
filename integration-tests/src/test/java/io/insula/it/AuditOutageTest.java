package io.insula.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.insula.controlplane.process.TlsKafka;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// Invariant 5 under attack: Kafka, an organisation's own behind TLS, goes away and Insula is killed while
/// tenants write.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AuditOutageTest {

    private static final Duration SOON = Duration.ofMinutes(2);

    private final Installation insula = new Installation();
    private final TlsKafka kafka = new TlsKafka();

    @BeforeAll
    void start() {
        kafka.start();
        up();
        insula.tenant("acme", "runc");
        insula.tenant("globex", "runc");
    }

    @AfterAll
    void stop() {
        insula.close();
        kafka.close();
    }

    @Test
    void deliversEveryAcknowledgedEventInOrderOverOutagesAndAKill() throws Exception {
        try (var acme = new Writer("acme", insula.client("acme"));
                var globex = new Writer("globex", insula.client("globex"))) {
            var writers = List.of(acme, globex);
            awaitMore(writers, "with Kafka");
            kafka.stop();
            awaitMore(writers, "without Kafka, stopped");
            kafka.start();
            awaitMore(writers, "with Kafka back");
            kafka.kill();
            awaitMore(writers, "without Kafka, killed");
            insula.killService();
            up();
            awaitMore(writers, "without Kafka, after the service was killed");
            assertThat(insula.insula("status").failed()
                            + insula.insula("status").out())
                    .contains("kafka      NOT READY");
            kafka.start();
            awaitMore(writers, "with Kafka again");
            for (Writer writer : writers) {
                List<String> acknowledged = writer.end();
                var topic = new AuditTopic(kafka.connection());
                Installation.await(
                        "all events of " + writer.tenant,
                        SOON,
                        () -> topic.created(writer.tenant, "configmaps").containsAll(acknowledged));
                var first = new LinkedHashSet<>(topic.created(writer.tenant, "configmaps"));
                first.retainAll(acknowledged);
                assertThat(first).containsExactlyElementsOf(acknowledged);
            }
        }
        Installation.await(
                "the service says so", SOON, () -> insula.insula("status").out().contains("all events are in Kafka"));
    }

    private void up() {
        insula.insula(
                        "up",
                        "--kafka-bootstrap",
                        kafka.bootstrap(),
                        "--kafka-config",
                        kafka.clientConfig().toString())
                .ok();
    }

    private static void awaitMore(List<Writer> writers, String when) {
        for (Writer writer : writers) {
            int before = writer.count();
            Installation.await("writes are acknowledged " + when, SOON, () -> writer.count() >= before + 15);
        }
    }

    /// Creates one ConfigMap after the other and remembers those that were acknowledged, in order.
    private static final class Writer implements AutoCloseable {

        private final String tenant;
        private final KubernetesClient client;
        private final List<String> acknowledged = new ArrayList<>();
        private final CountDownLatch ending = new CountDownLatch(1);
        private final Thread thread;

        Writer(String tenant, KubernetesClient client) {
            this.tenant = tenant;
            this.client = client;
            this.thread = Thread.ofVirtual().name("writer " + tenant).start(this::write);
        }

        synchronized int count() {
            return acknowledged.size();
        }

        List<String> end() throws InterruptedException {
            ending.countDown();
            thread.join(SOON);
            synchronized (this) {
                return List.copyOf(acknowledged);
            }
        }

        @Override
        public void close() {
            ending.countDown();
            client.close();
        }

        private void write() {
            try {
                for (int i = 0; !ending.await(20, TimeUnit.MILLISECONDS); i++) {
                    String name = "write-%05d".formatted(i);
                    if (create(name)) {
                        synchronized (this) {
                            acknowledged.add(name);
                        }
                    }
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private boolean create(String name) {
            try {
                client.resource(new ConfigMapBuilder()
                                .withNewMetadata()
                                .withName(name)
                                .withNamespace("default")
                                .endMetadata()
                                .build())
                        .create();
                return true;
            } catch (KubernetesClientException e) {
                // Not acknowledged: while the service is away that is all one can ask.
                return false;
            }
        }
    }
}
