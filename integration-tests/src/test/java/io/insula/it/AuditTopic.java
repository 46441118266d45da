package io.insula.it;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/// The audit topic as a consumer of the organisation sees it: without Insula's help.
final class AuditTopic {

    private static final String TOPIC = "insula.audit";
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final Map<String, Object> connection;

    /// @param connection Kafka client settings with the address
    AuditTopic(Map<String, Object> connection) {
        this.connection = Map.copyOf(connection);
    }

    /// All events with a tenant's key, in their order in the topic.
    List<JsonNode> eventsOf(String tenant) {
        var settings = new HashMap<>(connection);
        settings.put("enable.auto.commit", false);
        var events = new ArrayList<JsonNode>();
        try (var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(TOPIC).stream()
                    .map(p -> new TopicPartition(TOPIC, p.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (ends.entrySet().stream().anyMatch(e -> consumer.position(e.getKey()) < e.getValue())) {
                for (var record : consumer.poll(Duration.ofSeconds(1))) {
                    if (tenant.equals(record.key())) {
                        events.add(MAPPER.readTree(record.value()));
                    }
                }
            }
            return events;
        } catch (IOException e) {
            throw new IllegalStateException("an event is not JSON", e);
        }
    }

    /// Names of the objects of one resource that were created, in the order of their events; repetitions included.
    List<String> created(String tenant, String resource) {
        return eventsOf(tenant).stream()
                .filter(event -> event.path("stage").asText().equals("ResponseComplete"))
                .filter(event -> event.path("verb").asText().equals("create"))
                .filter(event -> event.path("responseStatus").path("code").asInt() == 201)
                .map(event -> event.path("objectRef"))
                .filter(object -> object.path("resource").asText().equals(resource))
                .map(object -> object.path("name").asText())
                .toList();
    }
}
