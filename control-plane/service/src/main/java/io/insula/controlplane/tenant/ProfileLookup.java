package io.insula.controlplane.tenant;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Optional;

/// Finds isolation profiles on the host, by name or by whose they are. Keeps nothing; thread-safe.
final class ProfileLookup {

    private final KubernetesClient host;

    ProfileLookup(KubernetesClient host) {
        this.host = host;
    }

    Optional<ProfileSource.Profile> find(String name) {
        if (name.isEmpty()) {
            return Optional.empty();
        }
        return Optional.ofNullable(host.resources(IsolationProfileResource.class)
                        .withName(name)
                        .get())
                .map(resource -> new ProfileSource.Profile(name, resource.getSpec()));
    }

    /// A tenant's profiles, read from the host at each call.
    ProfileSource of(String tenant) {
        return () -> choice(Optional.ofNullable(
                        host.resources(Tenant.class).withName(tenant).get())
                .map(Tenant::getSpec)
                .orElseGet(() -> new TenantSpec("")));
    }

    private ProfileSource.Choice choice(TenantSpec spec) {
        var standard = find(spec.profile())
                .orElseThrow(
                        () -> new IllegalStateException("isolation profile \"" + spec.profile() + "\" does not exist"));
        // one that is gone is not allowed any more
        var allowed =
                spec.allowed().stream().flatMap(name -> find(name).stream()).toList();
        return new ProfileSource.Choice(standard, allowed, spec.tenantLimits(), spec.rules());
    }
}
