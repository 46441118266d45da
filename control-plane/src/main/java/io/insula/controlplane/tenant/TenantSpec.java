package io.insula.controlplane.tenant;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import org.jspecify.annotations.Nullable;

/// @param isolationProfile null (before the server's default) means `runc`
@JsonIgnoreProperties(ignoreUnknown = true)
public record TenantSpec(@Nullable String isolationProfile) {

    public static final String DEFAULT_PROFILE = "runc";

    public String profile() {
        return isolationProfile == null ? DEFAULT_PROFILE : isolationProfile;
    }
}
