package io.insula.controlplane.cluster;

import io.insula.controlplane.tenant.ProfileSource;
import io.insula.isolation.ProfileSettings;
import io.insula.isolation.TenantProfiles;

/// Turns the host's `IsolationProfile` resources into what profiles work with.
final class ProfileSettingsReader {

    private ProfileSettingsReader() {}

    static TenantProfiles profiles(ProfileSource source) {
        ProfileSource.Choice choice = source.current();
        return new TenantProfiles(
                settings(choice.standard()),
                choice.allowed().stream().map(ProfileSettingsReader::settings).toList());
    }

    private static ProfileSettings settings(ProfileSource.Profile profile) {
        return ProfileSettings.fromSpec(profile.name(), profile.spec());
    }
}
