package io.insula.controlplane.cli;

import io.insula.controlplane.audit.KafkaSettings;
import io.insula.controlplane.home.Listening;
import io.insula.syncer.engine.HostRanges;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// The options of `insula up` that concern the service itself; handed on to its process as they are.
public final class ServiceOptions {

    private static final Pattern BOOTSTRAP = Pattern.compile("[^\\s:,]+:[0-9]{1,5}(,[^\\s:,]+:[0-9]{1,5})*");
    private static final String SERVERS = "bootstrap.servers";

    @Option(
            names = "--listen",
            paramLabel = "ADDRESS",
            defaultValue = "127.0.0.1",
            description = "IP address that the API servers and the admin API listen on (default: 127.0.0.1, this"
                    + " machine only; 0.0.0.0: all addresses).")
    private String listen = "127.0.0.1";

    @Option(
            names = "--advertise",
            paramLabel = "HOST",
            defaultValue = "",
            description = "DNS name or IP address that kubeconfigs give this machine (default: the address listened"
                    + " on; with 0.0.0.0 the one by which this machine reaches others).")
    private String advertise = "";

    @Option(names = "--admin-port", paramLabel = "PORT", description = "Port of the admin API (default: a free one).")
    private int adminPort;

    @Option(
            names = "--new-ports",
            description = "Forgets all ports and chooses free ones; kubeconfigs need to be fetched again.")
    private boolean newPorts;

    @Option(
            names = "--host-kubeconfig",
            paramLabel = "FILE",
            description = "Uses this cluster as the host instead of an embedded one.")
    private @Nullable Path hostKubeconfig;

    @Mixin
    private HostRangeOptions hostRanges = new HostRangeOptions();

    @Option(
            names = "--kafka-bootstrap",
            paramLabel = "HOST:PORT",
            defaultValue = "",
            description = "Uses this Kafka instead of starting one; several with commas between.")
    private String kafkaBootstrap = "";

    @Option(
            names = "--kafka-config",
            paramLabel = "FILE",
            description =
                    "Client settings of that Kafka as for Kafka's own tools: security.protocol, ssl.*, sasl.*; one"
                            + " KEY=VALUE a line.")
    private @Nullable Path kafkaConfig;

    /// @throws io.insula.controlplane.home.HomeException when the addresses are none
    public Listening listening() {
        return Listening.of(listen, advertise);
    }

    /// 0 for any free one.
    public int adminPort() {
        return adminPort;
    }

    public boolean newPorts() {
        return newPorts;
    }

    public @Nullable Path hostKubeconfig() {
        return hostKubeconfig;
    }

    /// Addresses of the host cluster that it does not name itself.
    ///
    /// @throws CommandException when what is given is none
    public HostRanges hostRanges() {
        return hostRanges.ranges();
    }

    /// Empty to start one.
    ///
    /// @throws CommandException when what is given cannot be used
    public Optional<KafkaSettings> kafka() {
        Map<String, Object> settings = kafkaConfig == null ? new HashMap<>() : read(kafkaConfig);
        String inFile = String.valueOf(settings.getOrDefault(SERVERS, ""));
        String bootstrap = kafkaBootstrap.isEmpty() ? inFile : kafkaBootstrap;
        settings.remove(SERVERS);
        if (bootstrap.isEmpty() && kafkaConfig == null) {
            return Optional.empty();
        }
        if (!BOOTSTRAP.matcher(bootstrap).matches()) {
            throw new CommandException("--kafka-bootstrap: \"" + bootstrap
                    + "\" (expected: HOST:PORT, several with commas between); nothing was changed");
        }
        return Optional.of(new KafkaSettings(() -> bootstrap, settings));
    }

    /// Refuses what can be seen to be wrong without changing anything.
    void check() {
        if (adminPort < 0 || adminPort > 65_535) {
            throw new CommandException("--admin-port: " + adminPort + " (expected: 1..65535); nothing was changed");
        }
        if (hostKubeconfig != null && !Files.isReadable(hostKubeconfig)) {
            throw new CommandException("--host-kubeconfig: cannot read " + hostKubeconfig + "; nothing was changed");
        }
        var _ = listening();
        var _ = kafka();
        var _ = hostRanges();
    }

    List<String> asArguments() {
        var all = new ArrayList<>(List.of("--listen", listen));
        if (!advertise.isEmpty()) {
            all.addAll(List.of("--advertise", advertise));
        }
        if (adminPort != 0) {
            all.addAll(List.of("--admin-port", Integer.toString(adminPort)));
        }
        if (newPorts) {
            all.add("--new-ports");
        }
        addFile(all, "--host-kubeconfig", hostKubeconfig);
        all.addAll(hostRanges.asArguments());
        if (!kafkaBootstrap.isEmpty()) {
            all.addAll(List.of("--kafka-bootstrap", kafkaBootstrap));
        }
        addFile(all, "--kafka-config", kafkaConfig);
        return all;
    }

    private static void addFile(List<String> arguments, String option, @Nullable Path file) {
        if (file != null) {
            arguments.addAll(List.of(option, file.toAbsolutePath().toString()));
        }
    }

    private static Map<String, Object> read(Path file) {
        var properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            properties.load(reader);
        } catch (IOException | IllegalArgumentException e) {
            throw new CommandException("--kafka-config: cannot read " + file + " (" + e + "); nothing was changed", e);
        }
        var settings = new HashMap<String, Object>();
        properties.stringPropertyNames().forEach(name -> settings.put(name, properties.getProperty(name)));
        return settings;
    }
}
