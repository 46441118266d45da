package io.insula.tenantapi.registry;

import io.insula.tenantapi.admission.AdmissionPlugin;
import io.insula.tenantapi.client.ObjectClient;
import io.insula.tenantapi.storage.Storage;
import io.insula.tenantapi.wire.WireCodec;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Supplier;

/// What one server's store works with: all of it this tenant's own, but for the shared, stateless codec and plugins.
///
/// @param scheduler fires the timers of watches; shared, its tasks are short
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
        Supplier<ObjectClient> client) {
    public Engine {
        plugins = List.copyOf(plugins);
    }
}
