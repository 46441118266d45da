package io.insula.isolation;

import io.fabric8.kubernetes.api.model.Pod;

/// Which profile pods get that need something and ask for none. Immutable.
///
/// @param when as its author wrote it, for people
/// @param condition whether a pod, as the tenant wrote it, is meant
/// @param profile one of the tenant's
public record ProfileRule(String when, Condition condition, String profile) {

    /// Pure.
    @FunctionalInterface
    public interface Condition {

        /// @throws IllegalArgumentException saying why it cannot be told of this pod
        boolean holds(Pod pod);
    }
}
