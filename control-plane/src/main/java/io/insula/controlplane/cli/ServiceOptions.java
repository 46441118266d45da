package io.insula.controlplane.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The options of `insula up` that concern the service itself; handed on to its process as they are.
public final class ServiceOptions {

    @Option(
            names = "--listen",
            paramLabel = "ADDRESS",
            defaultValue = "127.0.0.1",
            description = "IP address that the API servers listen on (default: 127.0.0.1, this machine only).")
    private String listen = "127.0.0.1";

    @Option(names = "--admin-port", paramLabel = "PORT", description = "Port of the admin API (default: a free one).")
    private int adminPort;

    @Option(names = "--new-ports", description = "Forgets all ports and chooses free ones.")
    private boolean newPorts;

    @Option(
            names = "--host-kubeconfig",
            paramLabel = "FILE",
            description = "Uses this cluster as the host instead of an embedded one.")
    private @Nullable Path hostKubeconfig;

    @Option(
            names = "--kafka-bootstrap",
            paramLabel = "HOST:PORT",
            defaultValue = "",
            description = "Uses this Kafka instead of starting one.")
    private String kafkaBootstrap = "";

    public String listen() {
        return listen;
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

    /// Empty to start one.
    public String kafkaBootstrap() {
        return kafkaBootstrap;
    }

    List<String> asArguments() {
        var all = new ArrayList<>(List.of("--listen", listen));
        if (adminPort != 0) {
            all.addAll(List.of("--admin-port", Integer.toString(adminPort)));
        }
        if (newPorts) {
            all.add("--new-ports");
        }
        if (hostKubeconfig != null) {
            all.addAll(
                    List.of("--host-kubeconfig", hostKubeconfig.toAbsolutePath().toString()));
        }
        if (!kafkaBootstrap.isEmpty()) {
            all.addAll(List.of("--kafka-bootstrap", kafkaBootstrap));
        }
        return all;
    }
}
