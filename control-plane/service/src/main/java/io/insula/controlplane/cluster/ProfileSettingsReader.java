package io.insula.controlplane.cluster;

import io.insula.controlplane.tenant.ProfileSource;
import io.insula.isolation.ProfileSettings;
import io.insula.isolation.Profiles;
import io.insula.isolation.TenantProfiles;

/// Turns the host's `IsolationProfile` resources into what profiles work with.
final class ProfileSettingsReader {

    private ProfileSettingsReader() {}

    static TenantProfiles profiles(Profiles profiles, ProfileSource source) {
        ProfileSource.Choice choice = source.current();
        return new TenantProfiles(
                settings(profiles, choice.standard()),
                choice.allowed().stream()
                        .map(profile -> settings(profiles, profile))
                        .toList());
    }

    private static ProfileSettings settings(Profiles profiles, ProfileSource.Profile profile) {
        return profiles.settings(profile.name(), profile.spec());
    }
}
