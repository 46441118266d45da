package io.insula.syncer.engine;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.StandardHttpRequest;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/// A shorter way than the network to API servers of the same process. A port: what a client is told there is what it
/// would be told over TLS, its credential taken or refused alike. Thread-safe.
@FunctionalInterface
public interface Shortcut {

    /// There is none: all go over the network.
    Shortcut NONE = _ -> (_, _) -> Optional.empty();

    /// @param access which server, and the client certificate of who asks
    Way to(Config access);

    /// To one server, for one credential. Thread-safe.
    @FunctionalInterface
    interface Way {

        /// Sends a request as it is.
        ///
        /// @param consumer takes the answer's body
        /// @return empty where no such server runs in this process: then the network decides
        Optional<CompletableFuture<HttpResponse<AsyncBody>>> send(
                StandardHttpRequest request, AsyncBody.Consumer<List<ByteBuffer>> consumer);
    }
}
