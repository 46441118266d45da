package io.insula.syncer.engine;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// One mapped kind: a declaration and a pure decision. Implementations hold no state and no client.
///
/// Adding a kind to the syncer is one class that implements this.
public interface Syncer<T extends HasMetadata> {

    /// Asked for at every event, many times: the same object at each call.
    SyncSpec<T> spec();

    /// What to do so that both sides agree; empty when they do. May run at any time, twice, or after a crash
    /// between any two of the changes it answered before, and must end in the same place.
    List<Change> decide(SyncEvent<T> event, TenantView view);

    /// What the tenant object names and so has to be on the host too.
    default Set<Reference> references(T tenant, TenantView view) {
        return Set.of();
    }

    /// Kind and host name of what a host object of this syncer's names.
    default Set<Reference> hostReferences(HasMetadata host) {
        return Set.of();
    }

    /// The tenant object's namespace and name for an object of a host kind that carries no annotations of ours
    /// (events, nodes). Called once per tenant.
    default List<Reference> tenantObjectsOf(HasMetadata host, TenantView view) {
        return List.of();
    }

    /// Whether the tenant object has a counterpart on the host at all. Asked with the live object before one is
    /// deleted for want of a need.
    default boolean needsHost(T tenant, TenantView view) {
        return true;
    }

    /// Further kinds of the tenant's that decisions look at. They are watched too.
    default List<KindRef<?>> looksAt() {
        return List.of();
    }

    /// Which objects to decide on again when one of [#looksAt] changed.
    default List<Reference> dependents(HasMetadata changed, TenantView view) {
        return List.of();
    }

    /// What of a host object that is nobody's counterpart (a node) decisions of this syncer depend on: when that
    /// changes, they are made again at once, all that [#isConcerned] does not leave out. Of equal things nothing is
    /// heard.
    default Optional<Object> dependsOn(HasMetadata host) {
        return Optional.empty();
    }

    /// Whether such a host object may decide about this one of the tenant's: asked with what it was and what it is,
    /// before the decision is made again.
    default boolean isConcerned(T tenant, HasMetadata host) {
        return true;
    }

    /// JSON pointers of what an applied host object has from the tenant's alone: what somebody else adds there
    /// selects or exposes what the tenant did not say, and is taken out at the next look.
    default Set<String> exactOnHost() {
        return Set.of();
    }

    /// How the tenant hears that the host refused what was decided for its object. What is not said here is said
    /// nowhere a tenant can look.
    ///
    /// @param now of the refusal, as timestamps are written
    default List<Change> refused(T tenant, String reason, String message, String now) {
        return List.of(TenantEvents.warning(tenant, reason, message, now));
    }

    /// What the host lacks that this tenant needs, whether an object of its asks for it yet or not; empty for nothing.
    /// Asked when all has been listed.
    default Optional<SyncTrouble> trouble(TenantView view) {
        return Optional.empty();
    }

    /// Whether all that it has on the host is to go, as nobody wants it there any more. Then a kind that the tenant
    /// does not serve is one of which it has nothing.
    default boolean isLeaving() {
        return false;
    }

    /// Whether the syncer only marks what is to be deleted on the host ([InsulaLabels#ENDING]), as it cannot be made
    /// again: somebody else asks the tenant, too, and deletes it with a credential that this one does not reach.
    default boolean isDeletedByControlPlane() {
        return false;
    }

    /// The host object's name.
    default String hostName(String namespace, String name, NameMap names) {
        return names.hostName(spec().name(), namespace, name);
    }

    /// The name of a syncer, which is most often a kind; namespace and name. On the host side the namespace is empty.
    record Reference(String syncer, String namespace, String name) {}
}
