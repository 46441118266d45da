package io.insula.node.runtime;

import java.util.List;
import java.util.Optional;

/// As whom a container runs, and what it may.
///
/// @param username from the image, where it names its user by name and the pod says nothing
/// @param maskedPaths what of `/proc` and `/sys` is hidden; empty for nothing
public record Security(
        boolean privileged,
        Optional<Long> user,
        String username,
        Optional<Long> group,
        List<Long> supplementalGroups,
        boolean readOnlyRoot,
        boolean noNewPrivileges,
        List<String> addCapabilities,
        List<String> dropCapabilities,
        Profile seccomp,
        Profile appArmor,
        List<String> maskedPaths,
        List<String> readOnlyPaths) {
    public Security {
        supplementalGroups = List.copyOf(supplementalGroups);
        addCapabilities = List.copyOf(addCapabilities);
        dropCapabilities = List.copyOf(dropCapabilities);
        maskedPaths = List.copyOf(maskedPaths);
        readOnlyPaths = List.copyOf(readOnlyPaths);
    }

    /// A seccomp or AppArmor profile.
    public sealed interface Profile {

        record RuntimeDefault() implements Profile {}

        record Unconfined() implements Profile {}

        /// @param reference a file for seccomp, a loaded profile's name for AppArmor
        record Localhost(String reference) implements Profile {}
    }
}
