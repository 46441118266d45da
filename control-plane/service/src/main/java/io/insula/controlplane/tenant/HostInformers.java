package io.insula.controlplane.tenant;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Watches the host's tenants, and the ends of their namespaces, and names those to look at. Thread-safe.
final class HostInformers implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(HostInformers.class);
    private static final Duration RESYNC = Duration.ofMinutes(5);

    private final SharedIndexInformer<Tenant> tenants;
    private final SharedIndexInformer<Namespace> namespaces;

    /// Starts watching; returns at once, whether the host answers now or later.
    ///
    /// @param look told the name of a tenant; must not block
    HostInformers(KubernetesClient host, Consumer<String> look) {
        this.tenants = host.resources(Tenant.class).runnableInformer(RESYNC.toMillis());
        start(tenants, always(look));
        this.namespaces = host.namespaces().withLabel(Tenancy.TENANT_LABEL).runnableInformer(RESYNC.toMillis());
        start(namespaces, new Ends(look));
    }

    /// The first list is tried again like any other, until it succeeds.
    private static <T extends HasMetadata> void start(
            SharedIndexInformer<T> informer, ResourceEventHandler<T> handler) {
        informer.exceptionHandler((_, _) -> true);
        informer.addEventHandler(handler);
        informer.start().exceptionally(e -> {
            LOG.atWarn().setCause(e).log("the host cannot be listed yet; it is tried again");
            return null;
        });
    }

    /// Whether the host has been listed.
    boolean hasSynced() {
        return tenants.hasSynced();
    }

    List<Tenant> tenants() {
        return tenants.getStore().list();
    }

    Optional<Tenant> tenant(String name) {
        return Optional.ofNullable(tenants.getStore().getByKey(name));
    }

    /// From now on told, too, when a tenant comes, goes or is to be another than it was.
    ///
    /// @param changed must not block
    void whenTenantsChange(Runnable changed) {
        // how a tenant is, it says often
        tenants.addEventHandler(new Differences<>(
                (old, current) -> Objects.equals(old.getSpec(), current.getSpec()), (_, _) -> changed.run()));
    }

    @Override
    public void close() {
        tenants.close();
        namespaces.close();
    }

    private static ResourceEventHandler<Tenant> always(Consumer<String> look) {
        return new Differences<>((_, _) -> false, (_, tenant) -> look.accept(TenantObjects.nameOf(tenant)));
    }

    private record Ends(Consumer<String> look) implements ResourceEventHandler<Namespace> {
        @Override
        public void onAdd(Namespace namespace) {
            // made by us, or known before
        }

        @Override
        public void onUpdate(Namespace old, Namespace current) {
            if (current.isMarkedForDeletion()) {
                look.accept(HostNamespaces.tenantOf(current));
            }
        }

        @Override
        public void onDelete(Namespace namespace, boolean finalStateUnknown) {
            look.accept(HostNamespaces.tenantOf(namespace));
        }
    }
}
