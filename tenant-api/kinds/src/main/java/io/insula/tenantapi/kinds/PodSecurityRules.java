package io.insula.tenantapi.kinds;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.re2j.Pattern;
import io.insula.tenantapi.api.FieldError;
import java.util.HashSet;

/// What the security contexts of a pod and of its containers must look like.
/// Source: kubernetes `ValidatePodSecurityContext`, `ValidateSecurityContext`.
final class PodSecurityRules {

    private static final int SYSCTL_LENGTH = 253;
    private static final String SYSCTL = "^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$";
    private static final Pattern SYSCTL_NAME = Pattern.compile(SYSCTL);

    private PodSecurityRules() {}

    static void pod(Checks checks, JsonNode spec, String path) {
        JsonNode context = spec.path("securityContext");
        String at = path + ".securityContext";
        ids(checks, context, at);
        id(checks, context.path("fsGroup"), at + ".fsGroup");
        int i = 0;
        for (JsonNode group : context.path("supplementalGroups")) {
            id(checks, group, at + ".supplementalGroups[" + i++ + "]");
        }
        sysctls(checks, context.path("sysctls"), at + ".sysctls");
        checks.oneOf(context, at, "fsGroupChangePolicy", "OnRootMismatch", "Always");
        seccomp(checks, context.path("seccompProfile"), at + ".seccompProfile");
        if (spec.path("shareProcessNamespace").asBoolean()
                && spec.path("hostPID").asBoolean()) {
            checks.add(FieldError.invalid(
                    path + ".shareProcessNamespace", true, "ShareProcessNamespace and HostPID cannot both be enabled"));
        }
    }

    static void container(Checks checks, JsonNode container, String path) {
        JsonNode context = container.path("securityContext");
        String at = path + ".securityContext";
        ids(checks, context, at);
        seccomp(checks, context.path("seccompProfile"), at + ".seccompProfile");
        if (!context.path("allowPrivilegeEscalation").asBoolean(true)) {
            escalation(checks, context, at);
        }
    }

    private static void escalation(Checks checks, JsonNode context, String at) {
        if (context.path("privileged").asBoolean()) {
            checks.add(FieldError.invalid(
                    at, context, "cannot set `allowPrivilegeEscalation` to false and `privileged` to true"));
        }
        for (JsonNode capability : context.path("capabilities").path("add")) {
            if (capability.asText().equals("CAP_SYS_ADMIN")) {
                checks.add(FieldError.invalid(
                        at,
                        context,
                        "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN"));
            }
        }
    }

    private static void ids(Checks checks, JsonNode context, String at) {
        id(checks, context.path("runAsUser"), at + ".runAsUser");
        id(checks, context.path("runAsGroup"), at + ".runAsGroup");
    }

    private static void id(Checks checks, JsonNode id, String at) {
        if (id.isNumber() && (id.asLong() < 0 || id.asLong() > Integer.MAX_VALUE)) {
            checks.add(FieldError.invalid(at, id.asLong(), "must be between 0 and 2147483647, inclusive"));
        }
    }

    private static void sysctls(Checks checks, JsonNode sysctls, String path) {
        var names = new HashSet<String>();
        int i = 0;
        for (JsonNode sysctl : sysctls) {
            String at = path + "[" + i++ + "].name";
            String name = sysctl.path("name").asText("");
            if (name.isEmpty()) {
                checks.add(FieldError.required(at, ""));
            } else if (name.length() > SYSCTL_LENGTH
                    || !SYSCTL_NAME.matcher(name).matches()) {
                checks.add(FieldError.invalid(
                        at, name, "must have at most " + SYSCTL_LENGTH + " characters and match regex " + SYSCTL));
            } else if (!names.add(name)) {
                checks.add(FieldError.duplicate(at, name));
            }
        }
    }

    private static void seccomp(Checks checks, JsonNode profile, String at) {
        if (profile.isMissingNode()) {
            return;
        }
        JsonNode local = profile.path("localhostProfile");
        String type = profile.path("type").asText("");
        if (type.isEmpty()) {
            checks.add(FieldError.required(at + ".type", "type is required when seccompProfile is set"));
        } else {
            checks.oneOf(profile, at, "type", "Localhost", "RuntimeDefault", "Unconfined");
        }
        if (type.equals("Localhost") && local.isMissingNode()) {
            checks.add(FieldError.required(at + ".localhostProfile", "must be set when seccomp type is Localhost"));
        } else if (!type.equals("Localhost") && !local.isMissingNode()) {
            checks.add(FieldError.invalid(
                    at + ".localhostProfile", local.asText(), "can only be set when seccomp type is Localhost"));
        }
    }
}
