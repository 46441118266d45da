package io.insula.syncer.engine;

import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// What is known of a tenant's namespace on the host. Objects that went with an earlier namespace of that name are
/// *lost*: nobody meant to end them, so they are made again, and nothing is deleted in the tenant for want of them.
/// Immutable states, the latest one counts; thread-safe.
final class HostNamespace {

    private sealed interface State {
        record Unknown() implements State {}

        /// Carries the tenant's identity, and with that all that the tenant had there when it was noted.
        record Whole() implements State {}

        /// Gone, or on its way.
        record Missing(String why) implements State {}

        /// New: what the tenant has is made again first.
        ///
        /// @param lost uids of tenant objects
        record Restoring(Set<String> lost) implements State {}
    }

    private volatile State state = new State.Unknown();
    private final AtomicBoolean looking = new AtomicBoolean();

    void whole() {
        state = new State.Whole();
    }

    void missing(String why) {
        state = new State.Missing(why);
    }

    void restoring(Collection<String> lost) {
        state = new State.Restoring(Set.copyOf(lost));
    }

    boolean isWhole() {
        return state instanceof State.Whole;
    }

    boolean isLost(@Nullable String uid) {
        return uid != null && state instanceof State.Restoring(var lost) && lost.contains(uid);
    }

    /// Whether the caller is the one who is to look after it now.
    boolean beginLooking() {
        return looking.compareAndSet(false, true);
    }

    void endLooking() {
        looking.set(false);
    }

    Optional<SyncTrouble> trouble() {
        return switch (state) {
            case State.Unknown _, State.Whole _ -> Optional.empty();
            case State.Missing(var why) ->
                Optional.of(
                        new SyncTrouble(
                                "HostNamespaceGone",
                                "the host namespace " + why
                                        + ": nothing is deleted in the tenant for that; what ran is restored once there is one"));
            case State.Restoring(var lost) ->
                lost.isEmpty()
                        ? Optional.empty()
                        : Optional.of(new SyncTrouble(
                                "Restoring",
                                "the host namespace is new: " + lost.size()
                                        + " objects that ran in the earlier one are being made again"));
        };
    }
}
