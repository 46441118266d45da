package io.insula.tenantapi.registry;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.storage.Storage;
import io.insula.tenantapi.wire.WireCodec;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Supplier;

/// What one server's store works with: all of it this tenant's own, but for the shared, stateless codec and plugins.
///
/// @param scheduler fires the timers of watches; shared, its tasks are short
/// @param onWrite hears of every stored object, before its write is answered
/// @param client reads on behalf of hooks and plugins, as the server itself
public record Engine(
        Storage storage,
        KindRegistry kinds,
        KindSchema.Lookup schemas,
        List<AdmissionPlugin> plugins,
        ServerServices services,
        WireCodec codec,
        Clock clock,
        ScheduledExecutorService scheduler,
        WriteListener onWrite,
        Supplier<ObjectClient> client) {

    /// Hears of writes through this server, on the writer's thread; it must be quick.
    public interface WriteListener {
        WriteListener NONE = (kind, object, gone) -> {};

        /// @param object as stored; not to be changed
        /// @param gone whether it has left the store
        void written(ResourceKind kind, ObjectNode object, boolean gone);
    }

    public Engine {
        plugins = List.copyOf(plugins);
    }
}
