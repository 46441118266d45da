package io.insula.syncer.engine;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.time.Duration;
import java.util.function.Supplier;

/// How our clients behave towards an API server that is slow or away for a while.
public final class Connections {

    /// On a busy machine an answer may take its time; who waits says so.
    private static final Duration REQUEST = Duration.ofSeconds(30);

    /// The first pause before a broken watch, or a list that failed, is tried again. fabric8 doubles it five times
    /// and then stays there: with its own default of a second, up to 32 s in which a server that answers again
    /// is not looked at; with this, 3.2 s.
    private static final Duration RECONNECT = Duration.ofMillis(100);

    private Connections() {}

    /// Patient with slow answers, quick to come back after an outage.
    public static Config patient(Config config) {
        return new ConfigBuilder(config)
                .withRequestTimeout((int) REQUEST.toMillis())
                .withWatchReconnectInterval((int) RECONNECT.toMillis())
                .build();
    }

    /// The same for a server of this process, whose end is noticed: its watches are plain requests, which share
    /// one connection with all else. A watch by WebSocket has a connection, and a TLS handshake, of its own. To a
    /// server far away that is better: a shared connection whose other end is silent would hold up all of them.
    public static Config near(Config config) {
        return new ConfigBuilder(patient(config)).withOnlyHttpWatches(true).build();
    }

    /// A client that makes one connection where many requests begin at once.
    public static KubernetesClient open(Config config) {
        return open(config, Shortcut.NONE);
    }

    /// The same, which makes none for what a shortcut leads to.
    public static KubernetesClient open(Config config, Shortcut shortcut) {
        return open(config, () -> config, shortcut);
    }

    /// @param config how it behaves
    /// @param access who it is and where, asked before each request
    static KubernetesClient open(Config config, Supplier<Config> access, Shortcut shortcut) {
        return new KubernetesClientBuilder()
                .withConfig(config)
                .withHttpClientFactory(new RenewedHttpClient.Clients(access, shortcut))
                .build();
    }

    /// The same for the syncer, which has its own queue of retries: a request that failed inside the client must not
    /// hold a worker while it is repeated there.
    static Config direct(Config config) {
        return new ConfigBuilder(patient(config))
                .withRequestRetryBackoffLimit(0)
                .build();
    }
}
