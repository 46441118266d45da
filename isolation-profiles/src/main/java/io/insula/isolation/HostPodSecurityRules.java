package io.insula.isolation;

import io.insula.rules.podsecurity.AllowedValues;
import io.insula.rules.podsecurity.PodSecurityLevel;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/// The Pod Security Standards in CEL, for a namespace whose own level must be that of its loosest profile. Used once.
///
/// Source: Kubernetes documentation, "Pod Security Standards", tables "Baseline" and "Restricted" (v1.34).
final class HostPodSecurityRules {

    private static final String CONTAINER = "spec.containers.securityContext";
    private static final String BOTH = "(variables.contexts + [variables.context])";

    private final List<HostRule> rules = new ArrayList<>();

    private HostPodSecurityRules() {}

    /// @param localhostProfiles whether pods may name profiles of the nodes
    static List<HostRule> of(PodSecurityLevel level, boolean localhostProfiles) {
        var all = new HostPodSecurityRules();
        all.node();
        if (!localhostProfiles) {
            all.noLocalhostProfiles();
        }
        if (level != PodSecurityLevel.PRIVILEGED) {
            all.baseline();
        }
        if (level == PodSecurityLevel.RESTRICTED) {
            all.restricted();
        }
        return List.copyOf(all.rules);
    }

    /// At every level: it is the sandbox's own process that the node confines.
    private void node() {
        add(
                "securityContext.appArmorProfile.type",
                "Unconfined is forbidden",
                BOTH + ".all(c, c.?appArmorProfile.type.orValue(\"\") != \"Unconfined\")");
        add(
                "securityContext.seLinuxOptions",
                "is not among the allowed ones",
                BOTH + ".all(c, c.?seLinuxOptions.type.orValue(\"\") in " + Cel.list(AllowedValues.SELINUX_TYPES)
                        + " && c.?seLinuxOptions.user.orValue(\"\") == \"\""
                        + " && c.?seLinuxOptions.role.orValue(\"\") == \"\")");
        // the kubelet would call it from the node's network
        add(
                "spec.containers",
                "probes and hooks may only reach their own pod",
                "variables.containers.all(c, "
                        + handlers()
                                .map(handler -> "c.?" + handler + ".host.orValue(\"\") == \"\"")
                                .reduce((a, b) -> a + " && " + b)
                                .orElseThrow()
                        + ")");
    }

    private void noLocalhostProfiles() {
        for (var field : List.of("seccompProfile", "appArmorProfile")) {
            add(
                    "securityContext." + field + ".type",
                    "Localhost is not allowed",
                    BOTH + ".all(c, c.?" + field + ".type.orValue(\"\") != \"Localhost\")");
        }
    }

    private void baseline() {
        add(CONTAINER + ".capabilities.add", "has one that is not allowed", added(AllowedValues.CAPABILITIES));
        add(
                "securityContext.seccompProfile.type",
                "only RuntimeDefault and Localhost are allowed",
                BOTH + ".all(c, !has(c.seccompProfile) || c.seccompProfile.?type.orValue(\"\") in "
                        + Cel.list(AllowedValues.SECCOMP_TYPES) + ")");
        add(
                "securityContext.appArmorProfile.type",
                "only RuntimeDefault and Localhost are allowed",
                BOTH + ".all(c, !has(c.appArmorProfile) || c.appArmorProfile.?type.orValue(\"\") in "
                        + Cel.list(AllowedValues.APP_ARMOR_TYPES) + ")");
        add(
                "securityContext.windowsOptions.hostProcess",
                "host processes are forbidden",
                BOTH + ".all(c, !c.?windowsOptions.hostProcess.orValue(false))");
        add(
                "spec.securityContext.sysctls",
                "has one that is not among the safe ones",
                "variables.context.?sysctls.orValue([]).all(s, s.name in " + Cel.list(AllowedValues.SYSCTLS) + ")");
    }

    private void restricted() {
        add(
                CONTAINER + ".capabilities.add",
                "has one that is not allowed",
                unlessWindows(added(AllowedValues.RESTRICTED_CAPABILITIES)));
        add(
                CONTAINER + ".capabilities.drop",
                "must contain ALL",
                unlessWindows("variables.contexts.all(c, \"ALL\" in c.?capabilities.drop.orValue([]))"));
        add(
                CONTAINER + ".allowPrivilegeEscalation",
                "must be false",
                unlessWindows("variables.contexts.all(c, !c.?allowPrivilegeEscalation.orValue(true))"));
        add("spec.securityContext.runAsNonRoot", "must not be false", "variables.context.?runAsNonRoot.orValue(true)");
        add(
                CONTAINER + ".runAsNonRoot",
                "must be true",
                "variables.contexts.all(c, c.?runAsNonRoot.or(variables.context.?runAsNonRoot).orValue(false))");
        add("securityContext.runAsUser", "must not be 0", BOTH + ".all(c, c.?runAsUser.orValue(1) != 0)");
        add(
                CONTAINER + ".seccompProfile",
                "must be RuntimeDefault or Localhost",
                unlessWindows("variables.contexts.all(c, c.?seccompProfile.type"
                        + ".or(variables.context.?seccompProfile.type).orValue(\"\") in "
                        + Cel.list(AllowedValues.SECCOMP_TYPES) + ")"));
    }

    private static String added(Set<String> allowed) {
        return "variables.contexts.all(c, c.?capabilities.add.orValue([]).all(a, a in " + Cel.list(allowed) + "))";
    }

    /// Where the field means nothing. No node runs a pod of another system than its own.
    private static String unlessWindows(String expression) {
        return "variables.spec.?os.name.orValue(\"\") == \"windows\" || " + expression;
    }

    private static Stream<String> handlers() {
        return Stream.of("livenessProbe", "readinessProbe", "startupProbe", "lifecycle.postStart", "lifecycle.preStop")
                .flatMap(handler -> Stream.of(handler + ".httpGet", handler + ".tcpSocket"));
    }

    private void add(String field, String reason, String expression) {
        rules.add(HostRule.of(field, reason, expression));
    }
}
