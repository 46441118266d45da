package io.insula.node.client;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;

/// How those that run pods speak to their API server. Stateless.
public final class NodeClients {

    /// Left to itself the client tries for minutes.
    private static final int RETRIES = 2;

    private NodeClients() {}

    /// The same, but a call that fails does so soon: an agent tries again by itself, and while the API server is gone
    /// its pods are not to wait for each call.
    public static Config impatient(Config config) {
        return new ConfigBuilder(config).withRequestRetryBackoffLimit(RETRIES).build();
    }
}
