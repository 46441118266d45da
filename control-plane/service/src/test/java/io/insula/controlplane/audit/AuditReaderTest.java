package io.insula.controlplane.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.insula.controlplane.audit.AuditReader.Page;
import io.insula.controlplane.audit.AuditReader.Wanted;
import io.insula.controlplane.process.TlsKafka;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// A long trail in a real broker: what counts is how much of it is read, and with how many consumers.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class AuditReaderTest {

    private static final int BUSY = 40_000;
    private static final int RARE = 10;

    private final AtomicInteger consumers = new AtomicInteger();
    private final AtomicInteger records = new AtomicInteger();

    private final TlsKafka broker = new TlsKafka();
    private AuditReader reader;
    private Instant middle;

    @BeforeAll
    void fillTheTopic() throws Exception {
        broker.start();
        KafkaSettings kafka = broker.settings(KafkaSettings.TOPIC);
        try (var outlet = KafkaOutlet.open(kafka)) {
            // The rare tenant's events lie before those of all others but one.
            send(outlet, "rare", 0, RARE - 1);
            send(outlet, "busy", 0, BUSY / 2);
            middle = Instant.now().plusMillis(5);
            while (Instant.now().isBefore(middle.plusMillis(5))) {
                LockSupport.parkNanos(1_000_000);
            }
            send(outlet, "busy", BUSY / 2, BUSY);
            send(outlet, "rare", RARE - 1, RARE);
        }
        reader = new AuditReader(() -> new Counting(kafka), kafka);
    }

    @AfterEach
    void forgetCounts() {
        consumers.set(0);
        records.set(0);
    }

    @AfterAll
    void stop() {
        reader.close();
        broker.close();
    }

    @Test
    void readsTheLastEventsFromTheEnd() {
        Page page = reader.readLast(new Wanted("", 1_000), 3, Instant.EPOCH);

        assertThat(texts(page))
                .contains("busy " + (BUSY - 1), "rare " + (RARE - 1))
                .hasSize(3);
        assertThat(records).as("records read of %d", BUSY + RARE).hasValueLessThan(15_000);
        assertThat(consumers).hasValueLessThanOrEqualTo(1);
    }

    @Test
    void findsTheLastEventsOfATenantThatWritesSeldom() {
        Page page = reader.readLast(new Wanted("rare", 1_000), RARE, Instant.EPOCH);

        assertThat(texts(page)).containsExactlyElementsOf(named("rare", 0, RARE));
        assertThat(page.complete()).isTrue();
        assertThat(reader.readLast(new Wanted("nobody", 1_000), 3, Instant.EPOCH)
                        .json())
                .isEmpty();
    }

    @Test
    void readsAllOfALongTrailWithOneConsumer() {
        var all = new ArrayList<String>();
        Page page = reader.read(new Wanted("busy", 1_000), "", Duration.ZERO);
        while (!page.json().isEmpty()) {
            all.addAll(texts(page));
            page = reader.read(new Wanted("busy", 1_000), page.cursor(), Duration.ZERO);
        }

        assertThat(all).containsExactlyElementsOf(named("busy", 0, BUSY));
        assertThat(consumers).hasValueLessThanOrEqualTo(1);
        // A page ends within what one poll brought: that piece is read again, no more.
        assertThat(records).hasValueLessThan(5 * BUSY);
    }

    @Test
    void goesOnBehindTheLastEvents() {
        Page page = reader.readLast(new Wanted("busy", 1_000), 2_500, Instant.EPOCH);
        var all = new ArrayList<>(texts(page));
        while (page.json().size() == 1_000) {
            page = reader.read(new Wanted("busy", 1_000), page.cursor(), Duration.ZERO);
            all.addAll(texts(page));
        }

        assertThat(all).endsWith("busy " + (BUSY - 1));
        assertThat(all.subList(all.size() - 2_500, all.size()))
                .containsExactlyElementsOf(named("busy", BUSY - 2_500, BUSY));
    }

    @Test
    void beginsAtATime() {
        Page page = reader.readSince(new Wanted("busy", 10), middle);
        assertThat(texts(page)).containsExactlyElementsOf(named("busy", BUSY / 2, BUSY / 2 + 10));

        assertThat(reader.readSince(new Wanted("", 10), Instant.now().plusSeconds(60))
                        .json())
                .isEmpty();
        assertThat(texts(reader.readLast(new Wanted("rare", 10), RARE, middle))).containsExactly("rare " + (RARE - 1));
    }

    @Test
    void refusesACursorThatIsNotOurs() {
        assertThatThrownBy(() -> reader.read(new Wanted("", 10), "nonsense", Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("nonsense");
    }

    private static void send(KafkaOutlet outlet, String tenant, int from, int to) throws Exception {
        var underWay = new ArrayList<Future<?>>();
        for (int i = from; i < to; i++) {
            underWay.add(outlet.send(tenant, AuditSpoolTest.json(tenant + " " + i)));
        }
        for (Future<?> one : underWay) {
            one.get();
        }
    }

    private static List<String> named(String tenant, int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> tenant + " " + i).toList();
    }

    private static List<String> texts(Page page) {
        return page.json().stream().map(AuditSpoolTest::text).toList();
    }

    private final class Counting extends KafkaConsumer<String, byte[]> {

        Counting(KafkaSettings kafka) {
            super(AuditReader.settings(kafka), new StringDeserializer(), new ByteArrayDeserializer());
            consumers.incrementAndGet();
        }

        @Override
        public ConsumerRecords<String, byte[]> poll(Duration timeout) {
            ConsumerRecords<String, byte[]> polled = super.poll(timeout);
            records.addAndGet(polled.count());
            return polled;
        }
    }
}
