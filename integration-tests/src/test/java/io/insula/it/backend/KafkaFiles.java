package io.insula.it.backend;

import io.insula.controlplane.process.BrokerClassPath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The folder of a single-node broker: formatted storage and its properties, the same for a container and a process.
record KafkaFiles(Path folder, Path properties, int port) {

    private static final String LOGGING = """
            <configuration>
              <appender name="out" class="ch.qos.logback.core.ConsoleAppender">
                <encoder><pattern>%-5level %logger{20} %msg%n</pattern></encoder>
              </appender>
              <logger name="kafka.server" level="INFO"/>
              <root level="WARN"><appender-ref ref="out"/></root>
            </configuration>
            """;

    /// Formats new storage in a temporary folder.
    static KafkaFiles formatted() {
        try {
            Path folder = Files.createTempDirectory("insula-kafka");
            int port = Backend.freePort();
            Files.writeString(folder.resolve("logback.xml"), LOGGING);
            Path properties = Files.writeString(folder.resolve("server.properties"), properties(folder, port));
            Process format = new ProcessBuilder(java(
                            Path.of(System.getProperty("java.home"), "bin/java").toString(),
                            "kafka.tools.StorageTool",
                            "format",
                            "-t",
                            UUID.randomUUID().toString(),
                            "-c",
                            properties.toString()))
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("format.log").toFile())
                    .start();
            if (!format.waitFor(60, TimeUnit.SECONDS) || format.exitValue() != 0) {
                throw new IllegalStateException(
                        "kafka storage was not formatted: " + Files.readString(folder.resolve("format.log")));
            }
            return new KafkaFiles(folder, properties, port);
        } catch (IOException e) {
            throw new IllegalStateException("kafka storage", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /// The broker's command line. It logs as this folder says: somebody waits for its words.
    List<String> broker(String java) {
        Path logging = folder.resolve("logback.xml");
        return java(java, "-Dlogback.configurationFile=" + logging, "kafka.Kafka", properties.toString());
    }

    private static List<String> java(String java, String... mainAndArguments) {
        String jars = BrokerClassPath.given().jars();
        return Stream.concat(Stream.of(java, "-Xmx256m", "-cp", jars), Stream.of(mainAndArguments))
                .toList();
    }

    private static String properties(Path folder, int port) {
        int controller = Backend.freePort();
        return List.of(
                        "process.roles=broker,controller",
                        "node.id=1",
                        "controller.quorum.voters=1@127.0.0.1:" + controller,
                        "listeners=PLAINTEXT://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:" + controller,
                        "advertised.listeners=PLAINTEXT://127.0.0.1:" + port,
                        "controller.listener.names=CONTROLLER",
                        "log.dirs=" + folder.resolve("data"),
                        "offsets.topic.replication.factor=1",
                        "transaction.state.log.replication.factor=1",
                        "transaction.state.log.min.isr=1",
                        "group.initial.rebalance.delay.ms=0",
                        "log.cleaner.dedupe.buffer.size=16777216")
                .stream()
                .collect(Collectors.joining("\n", "", "\n"));
    }
}
