package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.node.v1.RuntimeClass;
import io.insula.isolation.HostWorkload.Unsupported;
import io.insula.isolation.TenantProfiles;
import java.util.Collection;
import java.util.Comparator;
import java.util.Objects;

/// What a RuntimeClass that a tenant made itself stands for: the class of the host's with the same handler, as it is
/// shown to the tenant, and with that an isolation profile. One with another handler is a class as upstream, taken by
/// the API; its pods wait, as no node has such a handler. Pure.
public sealed interface OwnRuntimeClass {

    /// The pod names none, or none of the tenant's own.
    record None() implements OwnRuntimeClass {}

    /// @param name of the host's class in its place
    record Same(String name) implements OwnRuntimeClass {}

    /// No profile of the tenant's has that handler.
    record Nobodys(String name, String handler) implements OwnRuntimeClass {

        /// As the pod's condition and Event tell it.
        public Unsupported refusal() {
            return new Unsupported(
                    "spec.runtimeClassName",
                    "no isolation profile of this cluster has the handler \"" + handler + "\" of RuntimeClass \"" + name
                            + "\"");
        }
    }

    /// @param classes all that the tenant has
    static OwnRuntimeClass of(Pod pod, Collection<RuntimeClass> classes, TenantProfiles profiles) {
        String name = Objects.requireNonNullElse(pod.getSpec().getRuntimeClassName(), "");
        if (name.isEmpty() || profiles.haveRuntimeClass(name)) {
            return new None();
        }
        var own = classes.stream()
                .filter(each -> Kinds.name(each).equals(name) && !Kinds.isManaged(each))
                .findFirst();
        if (own.isEmpty()) {
            return new None();
        }
        String handler = Objects.requireNonNullElse(own.get().getHandler(), "");
        return classes.stream()
                .filter(each -> Kinds.isManaged(each) && handler.equals(each.getHandler()))
                .map(Kinds::name)
                .min(Comparator.naturalOrder())
                .<OwnRuntimeClass>map(Same::new)
                .orElseGet(() -> new Nobodys(name, handler));
    }
}
