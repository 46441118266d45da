package io.insula.syncer.engine;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KubernetesResourceList;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.MixedOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.List;
import java.util.Optional;

/// One kind of one API server, of all its namespaces or of one, kept up to date: a list, then a watch, again after each
/// failure. Thread-safe.
final class Cache<T extends HasMetadata> implements AutoCloseable {

    /// Called on the informer's thread; must not block.
    interface Listener {
        /// @param deleted the object is gone
        /// @param witnessed a watch event said so; otherwise a new list did not have it
        void changed(HasMetadata object, boolean deleted, boolean witnessed);

        /// The object is another than it was.
        default void updated(HasMetadata before, HasMetadata object) {
            changed(object, false, true);
        }
    }

    private final KindRef<T> kind;
    private final SharedIndexInformer<T> informer;

    private Cache(KindRef<T> kind, SharedIndexInformer<T> informer) {
        this.kind = kind;
        this.informer = informer;
    }

    /// What of a kind is kept.
    ///
    /// @param namespace the only one that is looked at; empty for all there are
    /// @param managedOnly only objects that carry the syncer's label
    record Scope(String namespace, boolean managedOnly) {
        static final Scope ALL = new Scope("", false);
    }

    /// Starts at once; [#isSynced] tells when the first list is in.
    static <T extends HasMetadata> Cache<T> start(
            KubernetesClient client, KindRef<T> kind, Scope scope, Listener listener) {
        var informer = informer(client, kind, scope);
        informer.exceptionHandler((_, _) -> true);
        informer.addEventHandler(new Forward<>(listener));
        var started = informer.start();
        started.exceptionally(_ -> null);
        return new Cache<>(kind, informer);
    }

    private static <T extends HasMetadata> SharedIndexInformer<T> informer(
            KubernetesClient client, KindRef<T> kind, Scope scope) {
        var resources = resources(client, kind);
        if (!kind.namespaced()) {
            return resources.runnableInformer(0);
        }
        var all = scope.namespace().isEmpty() ? resources.inAnyNamespace() : resources.inNamespace(scope.namespace());
        return (scope.managedOnly() ? all.withLabel(InsulaLabels.MANAGED_BY, InsulaLabels.SYNCER) : all)
                .runnableInformer(0);
    }

    @SuppressWarnings("unchecked") // a GenericKubernetesResource is asked for exactly where T is that class
    private static <T extends HasMetadata>
            MixedOperation<T, ? extends KubernetesResourceList<T>, Resource<T>> resources(
                    KubernetesClient client, KindRef<T> kind) {
        if (kind.type().equals(GenericKubernetesResource.class)) {
            return (MixedOperation<T, ? extends KubernetesResourceList<T>, Resource<T>>)
                    (MixedOperation<?, ?, ?>) client.genericKubernetesResources(kind.context());
        }
        return client.resources(kind.type());
    }

    KindRef<T> kind() {
        return kind;
    }

    boolean isSynced() {
        return informer.hasSynced();
    }

    Optional<T> get(String namespace, String name) {
        return Optional.ofNullable(informer.getStore().getByKey(namespace.isEmpty() ? name : namespace + "/" + name));
    }

    List<T> list() {
        return informer.getStore().list();
    }

    @Override
    public void close() {
        informer.stop();
    }

    private record Forward<T extends HasMetadata>(Listener listener) implements ResourceEventHandler<T> {
        @Override
        public void onAdd(T object) {
            listener.changed(object, false, true);
        }

        @Override
        public void onUpdate(T before, T object) {
            listener.updated(before, object);
        }

        @Override
        public void onDelete(T object, boolean finalStateUnknown) {
            listener.changed(object, true, !finalStateUnknown);
        }
    }
}
