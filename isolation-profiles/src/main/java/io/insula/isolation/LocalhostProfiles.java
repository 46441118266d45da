package io.insula.isolation;

import io.fabric8.kubernetes.api.model.AppArmorProfile;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.SeccompProfile;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Seccomp and AppArmor profiles that lie on the nodes (`Localhost`). They are the host's, so the isolation
/// profile says whether pods may name them; and a name may not lead out of the folder for such profiles.
///
/// Source: Kubernetes documentation, "Set the Security Context for a Pod"; API reference, `SeccompProfile`: the path
/// descends from the kubelet's folder.
final class LocalhostProfiles {

    private static final String LOCALHOST = "Localhost";

    private LocalhostProfiles() {}

    static Optional<FieldViolation> check(Pod pod, ProfileSettings settings) {
        var context = PodFields.spec(pod).getSecurityContext();
        return (context == null
                        ? Optional.<FieldViolation>empty()
                        : check(
                                "spec.securityContext",
                                context.getSeccompProfile(),
                                context.getAppArmorProfile(),
                                settings))
                .or(() -> PodFields.containers(pod).stream()
                        .flatMap(located -> check(
                                located.path() + ".securityContext",
                                located.security().getSeccompProfile(),
                                located.security().getAppArmorProfile(),
                                settings)
                                .stream())
                        .findFirst());
    }

    private static Optional<FieldViolation> check(
            String path,
            @Nullable SeccompProfile seccomp,
            @Nullable AppArmorProfile appArmor,
            ProfileSettings settings) {
        return (seccomp == null
                        ? Optional.<FieldViolation>empty()
                        : check(path + ".seccompProfile", seccomp.getType(), seccomp.getLocalhostProfile(), settings))
                .or(() -> appArmor == null
                        ? Optional.empty()
                        : check(
                                path + ".appArmorProfile",
                                appArmor.getType(),
                                appArmor.getLocalhostProfile(),
                                settings));
    }

    private static Optional<FieldViolation> check(
            String path, @Nullable String type, @Nullable String profile, ProfileSettings settings) {
        if (!LOCALHOST.equals(type)) {
            return profile == null || profile.isEmpty()
                    ? Optional.empty()
                    : refuse(path + ".localhostProfile", "may only be set when type is Localhost");
        }
        if (profile == null || profile.isBlank()) {
            return refuse(path + ".localhostProfile", "must be set when type is Localhost");
        }
        if (profile.startsWith("/")) {
            return refuse(path + ".localhostProfile", "must be a relative path");
        }
        if (Arrays.asList(profile.split("/", -1)).contains("..")) {
            return refuse(path + ".localhostProfile", "must not contain '..'");
        }
        return settings.localhostProfiles()
                ? Optional.empty()
                : refuse(path + ".type", "the isolation profile lets no pod name a profile of the nodes (Localhost)");
    }

    private static Optional<FieldViolation> refuse(String field, String message) {
        return Optional.of(new FieldViolation(field, message));
    }
}
