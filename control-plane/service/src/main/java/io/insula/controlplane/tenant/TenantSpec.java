package io.insula.controlplane.tenant;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import io.insula.isolation.ProfileRule;
import io.insula.syncer.custom.CustomKind;
import io.insula.tenantapi.auth.structured.AuthenticationConfig;
import io.insula.tenantapi.server.ServerConfig;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// @param isolationProfile what a pod gets that asks for none; null (before the server's default) means `runc`
/// @param allowedProfiles what pods may ask for besides; null means nothing
/// @param controllers `external` where the tenant brings a controller manager of its own; null means `builtin`
/// @param authentication `jwt` and `anonymous` of an AuthenticationConfiguration (apiserver.config.k8s.io/v1), by
///     which the tenant's API server takes tokens of issuers outside; null means none
/// @param idlePolicy what becomes of a tenant that nobody uses; null means nothing
/// @param backup when it is backed up unasked; null means never
/// @param deletionProtection whether it cannot be deleted; null means that it can
/// @param suspend whether it can be read only; null means that it can be written
/// @param sync what of it goes to the host beside Kubernetes' own kinds; null means nothing
/// @param profileRules which of its profiles pods get that ask for none, as [ProfileRules] reads it; null means none
/// @param weight its share of the syncer's work against other tenants, from 1 to [#MOST_WEIGHT]; null means 1
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record TenantSpec(
        @Nullable String isolationProfile,
        @Nullable List<String> allowedProfiles,
        @Nullable JsonNode authentication,
        @Nullable Map<String, Object> limits,
        @Nullable String controllers,
        @Nullable IdlePolicy idlePolicy,
        @Nullable BackupPolicy backup,
        @Nullable Boolean deletionProtection,
        @Nullable Boolean suspend,
        @Nullable SyncPolicy sync,
        @Nullable Integer weight,
        @Nullable List<Map<String, Object>> profileRules) {

    public static final String DEFAULT_PROFILE = "runc";

    /// As the definition of Tenant has it.
    static final int MOST_WEIGHT = 100;

    private static final String EXTERNAL = "external";

    public TenantSpec {
        allowedProfiles = allowedProfiles == null ? null : List.copyOf(allowedProfiles);
        profileRules = profileRules == null ? null : List.copyOf(profileRules);
        limits = limits == null ? null : Collections.unmodifiableMap(new LinkedHashMap<>(limits));
    }

    public TenantSpec(@Nullable String isolationProfile) {
        this(isolationProfile, null, null, null, null, null, null, null, null, null, null, null);
    }

    public String profile() {
        return isolationProfile == null ? DEFAULT_PROFILE : isolationProfile;
    }

    public List<String> allowed() {
        return allowedProfiles == null ? List.of() : allowedProfiles;
    }

    /// As they are written.
    List<Map<String, Object>> rules() {
        return profileRules == null ? List.of() : profileRules;
    }

    /// Compiled; each of one of its profiles.
    ///
    /// @throws IllegalArgumentException naming the field below `spec` that is wrong
    public List<ProfileRule> profileRulesRead() {
        return ProfileRules.read(
                rules(), Stream.concat(Stream.of(profile()), allowed().stream()).toList());
    }

    /// Whether Insula's controllers are to work in it.
    public boolean hasOwnControllers() {
        return !EXTERNAL.equals(controllers);
    }

    /// Names in a row, of those that wait of all tenants.
    int share() {
        return weight == null ? 1 : Math.clamp(weight, 1, MOST_WEIGHT);
    }

    public boolean isSuspended() {
        return Boolean.TRUE.equals(suspend);
    }

    /// @param sleepAfter such as `1h30m`, as the definition of Tenant has it; null means never
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record IdlePolicy(@Nullable String sleepAfter) {}

    /// @param every such as `24h`, as the definition of Tenant has it; null means never
    /// @param keep how many of them; null means [#KEPT]
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record BackupPolicy(
            @Nullable String every, @Nullable Integer keep) {

        static final int KEPT = 7;

        int kept() {
            return keep == null ? KEPT : keep;
        }
    }

    /// @param customKinds rules as [CustomKind] reads them; null means none
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record SyncPolicy(@Nullable List<Map<String, Object>> customKinds) {
        public SyncPolicy {
            customKinds = customKinds == null ? null : List.copyOf(customKinds);
        }
    }

    /// Kinds of somebody else's that go to the host, or that the tenant is shown.
    ///
    /// @throws IllegalArgumentException naming the field below `spec` that is wrong
    public List<CustomKind> customKinds() {
        return sync == null || sync.customKinds() == null
                ? List.of()
                : CustomKind.read("sync.customKinds", sync.customKinds());
    }

    /// How long after a backup the next one is due; empty for never.
    public Optional<Duration> backupEvery() {
        return Optional.ofNullable(backup).map(BackupPolicy::every).map(TenantSpec::duration);
    }

    private static Duration duration(String text) {
        return Duration.parse("PT" + text.toUpperCase(Locale.ROOT));
    }

    /// After how long unused the tenant is put to sleep; empty for never.
    public Optional<Duration> sleepAfter() {
        return Optional.ofNullable(idlePolicy).map(IdlePolicy::sleepAfter).map(TenantSpec::duration);
    }

    /// How much the tenant may have, the defaults included.
    ///
    /// @throws IllegalArgumentException naming what is no amount
    public TenantLimits tenantLimits() {
        return TenantLimits.of(limits, countedKinds());
    }

    /// What makes no sense is refused elsewhere, and must not take a tenant's other limits away.
    private List<CustomKind> countedKinds() {
        try {
            return customKinds().stream().filter(kind -> !kind.isUp()).toList();
        } catch (IllegalArgumentException _) {
            return List.of();
        }
    }

    /// Compiled.
    ///
    /// @throws IllegalArgumentException with all that is wrong
    public AuthenticationConfig authenticationConfig() {
        return authentication == null || authentication.isNull()
                ? AuthenticationConfig.NONE
                : AuthenticationConfig.of(authentication, List.of(ServerConfig.ISSUER));
    }
}
