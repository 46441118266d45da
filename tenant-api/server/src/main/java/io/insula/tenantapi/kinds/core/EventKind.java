package io.insula.tenantapi.kinds.core;

import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.ResourceKind;
import jakarta.inject.Singleton;
import java.time.Duration;

@Singleton
final class EventKind implements ResourceKind {

    @Override
    public KindSpec spec() {
        return KindSpec.namespaced("", "v1", "Event", "events")
                .shortNames("ev")
                .creatingOnUpdate()
                .ttl(Duration.ofHours(1));
    }
}
