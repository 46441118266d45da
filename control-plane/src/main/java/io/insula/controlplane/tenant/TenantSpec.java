package io.insula.controlplane.tenant;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// @param isolationProfile what a pod gets that asks for none; null (before the server's default) means `runc`
/// @param allowedProfiles what pods may ask for besides; null means nothing
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record TenantSpec(
        @Nullable String isolationProfile, @Nullable List<String> allowedProfiles) {

    public static final String DEFAULT_PROFILE = "runc";

    public TenantSpec {
        allowedProfiles = allowedProfiles == null ? null : List.copyOf(allowedProfiles);
    }

    public TenantSpec(@Nullable String isolationProfile) {
        this(isolationProfile, null);
    }

    public String profile() {
        return isolationProfile == null ? DEFAULT_PROFILE : isolationProfile;
    }

    public List<String> allowed() {
        return allowedProfiles == null ? List.of() : allowedProfiles;
    }
}
