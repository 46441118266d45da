package io.insula.controlplane.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The tests' class path holds all that the service's JVM has, and more.
final class RuntimeClassPathTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "kafka/Kafka.class",
                "kafka/server/KafkaRaftServer.class",
                "org/apache/kafka/network/SocketServer.class",
                "org/apache/kafka/storage/internals/log/UnifiedLog.class",
                "scala/Option.class",
                "com/typesafe/scalalogging/Logger.class",
                "org/apache/logging/log4j/LogManager.class",
                "org/apache/logging/log4j/core/Logger.class",
                "org/apache/log4j/Logger.class",
                "org/apache/commons/collections/Transformer.class"
            })
    void doesNotHoldWhatOnlyABrokerNeeds(String banned) {
        assertThat(getClass().getClassLoader().getResource(banned)).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"org/apache/kafka/clients/producer/KafkaProducer.class", "org/slf4j/Logger.class"})
    void holdsWhatTheServiceNeeds(String needed) {
        assertThat(getClass().getClassLoader().getResource(needed)).isNotNull();
    }
}
