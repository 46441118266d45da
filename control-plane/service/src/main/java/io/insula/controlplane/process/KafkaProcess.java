package io.insula.controlplane.process;

import io.insula.controlplane.home.AtomicFiles;
import io.insula.controlplane.home.HomeException;
import io.insula.controlplane.keys.KeySafe;
import io.insula.controlplane.keys.MemoryFolder;
import io.insula.controlplane.pki.CertificateAuthority;
import io.insula.controlplane.pki.CertificateSpec;
import io.insula.controlplane.pki.KeyAndCertificate;
import io.insula.controlplane.pki.MemoryKeyStores;
import io.insula.controlplane.pki.PemStore;
import io.insula.process.ChildException;
import io.insula.process.ChildSpec;
import io.insula.process.LogTail;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.Uuid;

/// A single-node Kafka broker (KRaft) as a child JVM with a class path of its own ([BrokerClassPath]): TLS with client
/// certificates on loopback, so that no other user of the machine reads the trail. It runs in its folder and names
/// files from there, so that its configuration, whose format knows commas, backslashes and Latin 1, holds no path of
/// the user's. Immutable.
public final class KafkaProcess {

    private static final Duration READY_WITHIN = Duration.ofMinutes(3);
    private static final Duration STOP_WITHIN = Duration.ofSeconds(20);
    private static final Duration FORMAT_WITHIN = Duration.ofMinutes(1);

    private static final String PROPERTIES_FILE = "server.properties";
    /// No resource of the class path has this name: it would win.
    private static final String LOGGING_FILE = "kafka-logback.xml";

    private static final String LOGGING = """
            <configuration>
              <appender name="out" class="ch.qos.logback.core.ConsoleAppender">
                <encoder><pattern>%d{ISO8601} %-5level %logger{30} %msg%n</pattern></encoder>
              </appender>
              <root level="WARN"><appender-ref ref="out"/></root>
            </configuration>
            """;

    private final Path folder;
    private final Path log;
    private final int port;
    private final int controllerPort;
    private final KeySafe safe;
    private final KeyAndCertificate server;
    private final CertificateAuthority authority;
    private final Map<String, Object> clientSettings;

    public KafkaProcess(Path folder, Path log, int port, int controllerPort, Clock clock, KeySafe safe) {
        this.folder = folder;
        this.log = log;
        this.port = port;
        this.controllerPort = controllerPort;
        this.safe = safe;
        PemStore store = store(folder, clock, safe);
        authority = authority(store);
        server = store.issued("server", authority, CertificateSpec.peer("kafka", List.of("localhost", "127.0.0.1")));
        clientSettings = clientSettings(store);
    }

    /// Where the broker's and its client's certificates are.
    public static PemStore store(Path folder, Clock clock, KeySafe safe) {
        return new PemStore(folder.resolve("pki"), clock, safe);
    }

    /// What a client needs besides the address. Source: Kafka documentation, `ssl.keystore.type` PEM.
    public static Map<String, Object> clientSettings(PemStore store) {
        CertificateAuthority authority = authority(store);
        KeyAndCertificate client =
                store.issued("client", authority, CertificateSpec.client("insula", List.of(), CertificateSpec.LONG));
        return Map.of(
                "security.protocol",
                "SSL",
                "ssl.keystore.type",
                "PEM",
                "ssl.keystore.key",
                client.keyPem(),
                "ssl.keystore.certificate.chain",
                client.certificatePem(),
                "ssl.truststore.type",
                "PEM",
                "ssl.truststore.certificates",
                authority.certificatePem());
    }

    private static CertificateAuthority authority(PemStore store) {
        return store.authority("ca", "insula kafka");
    }

    private String bootstrap() {
        return "127.0.0.1:" + port;
    }

    /// Writes the broker's configuration, formats its storage the first time, and answers what to run.
    public ChildSpec prepare() {
        Path properties = folder.resolve(PROPERTIES_FILE);
        String keyStore = showKeyStore();
        AtomicFiles.write(folder.resolve("authority.pem"), authority.certificatePem());
        AtomicFiles.write(folder.resolve(LOGGING_FILE), LOGGING);
        AtomicFiles.write(properties, properties(keyStore));
        if (!Files.exists(formatted())) {
            format();
        } else if (!Files.exists(data().resolve("meta.properties"))) {
            // Formatting again would throw the trail away.
            throw new HomeException("the home folder is damaged: " + data().resolve("meta.properties")
                    + " is missing; restore the file, or move " + folder + " away to begin with an empty trail");
        }
        var command = new ArrayList<>(java(256, BrokerClassPath::keeping));
        command.add(marker(folder));
        command.addAll(List.of("kafka.Kafka", PROPERTIES_FILE));
        return new ChildSpec("kafka", command, marker(folder), folder, log, this::answers, READY_WITHIN, STOP_WITHIN);
    }

    /// Writes what the broker shows, and answers its name as the broker finds it.
    private String showKeyStore() {
        Path file = folder.resolve("server.pem");
        String content = server.keyPem() + server.certificatePem();
        Optional<MemoryFolder> memory = safe.memory();
        if (memory.isEmpty()) {
            AtomicFiles.write(file, content);
            return String.valueOf(file.getFileName());
        }
        Path shown = memory.get().write(file, content);
        // of before keys were encrypted
        AtomicFiles.delete(file);
        return shown.toString();
    }

    /// No broker runs any more that reads it.
    public static void hideKeyStore(Path folder, KeySafe safe) {
        safe.memory().ifPresent(memory -> memory.remove(folder));
    }

    /// The argument that all broker processes of a folder have.
    public static String marker(Path folder) {
        return "-Dinsula.kafka=" + folder.toAbsolutePath();
    }

    /// Written when formatting is done: what a crash left half done before is formatted again.
    private Path formatted() {
        return folder.resolve("formatted");
    }

    private Path data() {
        return folder.resolve("data");
    }

    private String properties(String keyStore) {
        return """
                process.roles=broker,controller
                node.id=1
                controller.quorum.voters=1@127.0.0.1:%1$d
                listeners=CLIENTS://127.0.0.1:%2$d,CONTROLLER://127.0.0.1:%1$d
                advertised.listeners=CLIENTS://127.0.0.1:%2$d
                listener.security.protocol.map=CLIENTS:SSL,CONTROLLER:SSL
                inter.broker.listener.name=CLIENTS
                controller.listener.names=CONTROLLER
                ssl.client.auth=required
                ssl.keystore.type=PEM
                ssl.keystore.location=%3$s
                ssl.truststore.type=PEM
                ssl.truststore.location=authority.pem
                log.dirs=data
                offsets.topic.num.partitions=1
                offsets.topic.replication.factor=1
                transaction.state.log.num.partitions=1
                transaction.state.log.replication.factor=1
                transaction.state.log.min.isr=1
                share.coordinator.state.topic.num.partitions=1
                share.coordinator.state.topic.replication.factor=1
                share.coordinator.state.topic.min.isr=1
                group.initial.rebalance.delay.ms=0
                auto.create.topics.enable=false
                log.cleaner.dedupe.buffer.size=16777216
                num.network.threads=1
                num.io.threads=2
                num.recovery.threads.per.data.dir=1
                log.flush.interval.messages=1
                """.formatted(controllerPort, port, keyStore);
    }

    private void format() {
        AtomicFiles.deleteTree(data());
        // Never begins with a dash, which the tool would read as an option.
        String clusterId = Uuid.randomUuid().toString();
        var command = new ArrayList<>(java(128, BrokerClassPath::sharing));
        command.addAll(
                List.of("kafka.tools.StorageTool", "format", "--cluster-id", clusterId, "--config", PROPERTIES_FILE));
        try {
            AtomicFiles.folder(log.resolveSibling("").toAbsolutePath());
            LogTail said = LogTail.fromNow(log);
            Process process = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                    .start();
            if (!process.waitFor(FORMAT_WITHIN.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
                throw new ChildException(
                        "formatting Kafka's storage took more than " + FORMAT_WITHIN.toSeconds() + " s: ", said);
            }
            if (process.exitValue() != 0) {
                throw new ChildException("formatting Kafka's storage ended with " + process.exitValue() + ": ", said);
            }
            AtomicFiles.write(formatted(), clusterId + "\n");
        } catch (IOException e) {
            throw new ChildException("cannot format Kafka's storage: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ChildException("interrupted while formatting Kafka's storage", e);
        }
    }

    private static List<String> java(int heapMebibytes, Function<BrokerClassPath, List<String>> archive) {
        BrokerClassPath classPath = BrokerClassPath.given();
        var command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-Xmx" + heapMebibytes + "m",
                "-Xms64m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                MemoryKeyStores.FLAG,
                "-Dlogback.configurationFile=" + LOGGING_FILE));
        command.addAll(archive.apply(classPath));
        command.addAll(List.of("-cp", classPath.jars()));
        return command;
    }

    private boolean answers() throws InterruptedException, ExecutionException {
        var settings = new HashMap<>(clientSettings);
        settings.put("bootstrap.servers", bootstrap());
        settings.put("request.timeout.ms", 2_000);
        settings.put("default.api.timeout.ms", 3_000);
        try (var admin = Admin.create(settings)) {
            return !admin.describeCluster().nodes().get(4, TimeUnit.SECONDS).isEmpty();
        } catch (TimeoutException e) {
            return false;
        }
    }
}
