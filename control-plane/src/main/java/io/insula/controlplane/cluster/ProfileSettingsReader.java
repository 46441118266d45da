package io.insula.controlplane.cluster;

import io.insula.controlplane.tenant.ProfileSource;
import io.insula.isolation.ProfileSettings;
import io.insula.isolation.TenantProfiles;

/// Turns the host's `IsolationProfile` resource into what profiles work with.
final class ProfileSettingsReader {

    private ProfileSettingsReader() {}

    static TenantProfiles profiles(ProfileSource source) {
        ProfileSource.Profile profile = source.current();
        return TenantProfiles.only(ProfileSettings.fromSpec(profile.name(), profile.spec()));
    }
}
