package io.insula.controlplane.cluster;

import io.insula.controlplane.tenant.ProfileRules;
import io.insula.controlplane.tenant.ProfileSource;
import io.insula.isolation.ProfileSettings;
import io.insula.isolation.Profiles;
import io.insula.isolation.TenantProfiles;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What the host's `IsolationProfile` resources are to one tenant's pods, read from them once for each answer of the
/// source: the same object until that has another one. Thread-safe.
final class CurrentProfiles implements Supplier<TenantProfiles> {

    private final Profiles profiles;
    private final ProfileSource source;
    private volatile @Nullable Reading last;

    /// @param choice as the source gave it
    /// @param profiles what it says
    record Reading(ProfileSource.Choice choice, TenantProfiles profiles) {}

    CurrentProfiles(Profiles profiles, ProfileSource source) {
        this.profiles = profiles;
        this.source = source;
    }

    /// @throws RuntimeException when the source cannot be read, or says what is no profile
    @Override
    public TenantProfiles get() {
        return reading().profiles();
    }

    /// As [#get], with what it was read from.
    @SuppressWarnings("ReferenceEquality") // comparing what they say costs as much as reading it
    Reading reading() {
        ProfileSource.Choice choice = source.current();
        Reading known = last;
        if (known != null && known.choice() == choice) {
            return known;
        }
        var made = new Reading(
                choice,
                new TenantProfiles(
                        settings(choice.standard()),
                        choice.allowed().stream().map(this::settings).toList(),
                        ProfileRules.read(choice.rules(), List.of())));
        last = made;
        return made;
    }

    private ProfileSettings settings(ProfileSource.Profile profile) {
        return profiles.settings(profile.name(), profile.spec());
    }
}
