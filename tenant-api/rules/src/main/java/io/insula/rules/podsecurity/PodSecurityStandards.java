package io.insula.rules.podsecurity;

import static io.insula.rules.podsecurity.Check.baseline;
import static io.insula.rules.podsecurity.Check.restricted;
import static io.insula.rules.podsecurity.Check.since;

import io.insula.rules.podsecurity.Check.Judge;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Judges pods by the Pod Security Standards. Pure.
///
/// @param latest the release that stands for the latest, and for those that are newer still
public record PodSecurityStandards(PodSecurityVersion latest) {

    /// Those of the release that tenants are served.
    public static final PodSecurityStandards SERVED = new PodSecurityStandards(new PodSecurityVersion(34));

    /// Source: kubernetes/pod-security-admission, `policy`: identifiers, levels, overrides and releases.
    static final List<Check> CHECKS = List.of(
            baseline("appArmorProfile", since(0, ProfileChecks::appArmor)),
            baseline("capabilities_baseline", since(0, pod -> CapabilityChecks.added(pod, AllowedValues.CAPABILITIES))),
            baseline("hostNamespaces", since(0, HostChecks::namespaces)),
            baseline("hostPathVolumes", since(0, HostChecks::paths)),
            baseline("hostPorts", since(0, HostChecks::ports)),
            baseline("hostProbesAndHostLifecycle", since(34, HostChecks::handlers)),
            baseline("privileged", since(0, HostChecks::privileged)),
            baseline(
                    "procMount",
                    since(0, HostChecks::procMount),
                    since(35, unlessUsersAreItsOwn(HostChecks::procMount))),
            baseline(
                    "seLinuxOptions",
                    since(0, pod -> SeLinuxCheck.judge(pod, AllowedValues.SELINUX_TYPES_0)),
                    since(31, pod -> SeLinuxCheck.judge(pod, AllowedValues.SELINUX_TYPES_31))),
            baseline(
                    "seccompProfile_baseline",
                    since(0, ProfileChecks::seccompAnnotations),
                    since(19, ProfileChecks::seccomp)),
            baseline(
                    "sysctls",
                    since(0, pod -> HostChecks.sysctls(pod, AllowedValues.SYSCTLS_0)),
                    since(27, pod -> HostChecks.sysctls(pod, AllowedValues.SYSCTLS_27)),
                    since(29, pod -> HostChecks.sysctls(pod, AllowedValues.SYSCTLS_29)),
                    since(32, pod -> HostChecks.sysctls(pod, AllowedValues.SYSCTLS_32)),
                    since(37, pod -> HostChecks.sysctls(pod, AllowedValues.SYSCTLS_37))),
            baseline("windowsHostProcess", since(0, HostChecks::windowsProcess)),
            restricted(
                    "allowPrivilegeEscalation",
                    since(8, UserChecks::escalation),
                    since(25, unlessWindows(UserChecks::escalation))),
            restricted(
                            "capabilities_restricted",
                            since(22, CapabilityChecks::restricted),
                            since(25, unlessWindows(CapabilityChecks::restricted)))
                    .overriding("capabilities_baseline"),
            restricted("procMount_restricted", since(35, HostChecks::procMount)).overriding("procMount"),
            restricted("restrictedVolumes", since(0, HostChecks::volumes)).overriding("hostPathVolumes"),
            restricted(
                    "runAsNonRoot",
                    since(0, UserChecks::nonRoot),
                    since(35, unlessUsersAreItsOwn(UserChecks::nonRoot))),
            restricted("runAsUser", since(23, UserChecks::root), since(35, unlessUsersAreItsOwn(UserChecks::root))),
            restricted(
                            "seccompProfile_restricted",
                            since(19, ProfileChecks::seccompRestricted),
                            since(25, unlessWindows(ProfileChecks::seccompRestricted)))
                    .overriding("seccompProfile_baseline"));

    /// What a pod does against `level`, in upstream's order; empty when nothing.
    public List<Violation> violations(PodSecurityLevel level, PodSecurityVersion version, PodFacts pod) {
        int minor = Math.min(version.minor(), latest.minor());
        var asked = CHECKS.stream()
                .filter(check ->
                        check.level().compareTo(level) <= 0 && check.at(minor).isPresent())
                .toList();
        Set<String> overridden = asked.stream().map(Check::overrides).collect(Collectors.toSet());
        return asked.stream()
                .filter(check -> !overridden.contains(check.id()))
                .sorted(Comparator.comparing(Check::level).thenComparing(Check::id))
                .flatMap(check -> check.at(minor).stream())
                .flatMap(judge -> judge.judge(pod).stream())
                .toList();
    }

    /// The hosts that probes and hooks name: the kubelet would call them from the node's network, so no sandbox helps.
    public static List<Violation> handlerHosts(PodFacts pod) {
        return HostChecks.handlers(pod).stream().toList();
    }

    private static Judge unlessWindows(Judge judge) {
        return pod -> pod.os().equals("windows") ? Optional.empty() : judge.judge(pod);
    }

    private static Judge unlessUsersAreItsOwn(Judge judge) {
        return pod -> pod.usersOfItsOwn() ? Optional.empty() : judge.judge(pod);
    }
}
