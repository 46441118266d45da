package io.insula.tenantapi.kinds.events;

import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.ResourceKind;
import jakarta.inject.Singleton;
import java.time.Duration;

@Singleton
final class EventsEventKind implements ResourceKind {

    @Override
    public KindSpec spec() {
        return KindSpec.namespaced("events.k8s.io", "v1", "Event", "events")
                .shortNames("ev")
                .creatingOnUpdate()
                .ttl(Duration.ofHours(1));
    }
}
