package io.insula.tenantapi.discovery;

import java.util.Comparator;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// In which order groups and versions are told. Source: kubernetes, the priorities of its automatic APIServices;
/// apimachinery, `version.CompareKubeAwareVersionStrings`.
public final class GroupOrder {

    /// Custom groups: below every built-in one.
    private static final int CUSTOM = 1000;

    private static final int CUSTOM_VERSION = 100;

    /// Above all that an APIService may have.
    private static final int FIRST = 20_001;

    private static final Map<String, Integer> PRIORITY = Map.ofEntries(
            Map.entry("", 18000),
            Map.entry("apiregistration.k8s.io", FIRST),
            Map.entry("apps", 17800),
            Map.entry("events.k8s.io", 17750),
            Map.entry("authentication.k8s.io", 17700),
            Map.entry("authorization.k8s.io", 17600),
            Map.entry("autoscaling", 17500),
            Map.entry("batch", 17400),
            Map.entry("certificates.k8s.io", 17300),
            Map.entry("networking.k8s.io", 17200),
            Map.entry("policy", 17100),
            Map.entry("rbac.authorization.k8s.io", 17000),
            Map.entry("storage.k8s.io", 16800),
            Map.entry("admissionregistration.k8s.io", 16700),
            Map.entry("apiextensions.k8s.io", 16700),
            Map.entry("scheduling.k8s.io", 16600),
            Map.entry("coordination.k8s.io", 16500),
            Map.entry("node.k8s.io", 16300),
            Map.entry("discovery.k8s.io", 16200),
            Map.entry("resource.k8s.io", 16200),
            Map.entry("flowcontrol.apiserver.k8s.io", 16100));

    private static final Pattern KUBE_VERSION = Pattern.compile("v(\\d{1,9})(?:(alpha|beta)(\\d{1,9}))?");

    private GroupOrder() {}

    /// @param others priorities of groups that other servers serve
    static Comparator<String> groups(Map<String, Integer> others) {
        return Comparator.<String>comparingInt(
                        group -> -PRIORITY.getOrDefault(group, others.getOrDefault(group, CUSTOM)))
                .thenComparing(Comparator.naturalOrder());
    }

    /// The `groupPriorityMinimum` of an automatic APIService.
    public static int groupPriority(String group) {
        return PRIORITY.getOrDefault(group, CUSTOM);
    }

    /// The `versionPriority` of an automatic APIService.
    ///
    /// @param custom whether a CustomResourceDefinition serves it
    public static int versionPriority(String group, String version, boolean custom) {
        if (custom) {
            return CUSTOM_VERSION;
        }
        return switch (group + "/" + version) {
            case "/v1" -> 1;
            case "autoscaling/v2" -> 30;
            case "resource.k8s.io/v1", "flowcontrol.apiserver.k8s.io/v1" -> 21;
            default -> 15;
        };
    }

    /// Highest priority first, where versions have one; else as [#versions()].
    static Comparator<String> versions(Map<String, Integer> priorities, int otherwise) {
        return Comparator.<String>comparingInt(version -> -priorities.getOrDefault(version, otherwise))
                .thenComparing(versions());
    }

    /// Best first: v2, v1, v2beta1, v1alpha1, then anything else by name.
    static Comparator<String> versions() {
        return Comparator.comparingLong(GroupOrder::rank).reversed().thenComparing(Comparator.naturalOrder());
    }

    private static long rank(String version) {
        Matcher matcher = KUBE_VERSION.matcher(version);
        if (!matcher.matches()) {
            return -1;
        }
        long major = Long.parseLong(matcher.group(1));
        String stage = matcher.group(2);
        if (stage == null) {
            return 3_000_000_000_000_000_000L + major;
        }
        long base = stage.equals("beta") ? 2_000_000_000_000_000_000L : 1_000_000_000_000_000_000L;
        return base + major * 1_000_000_000L + Long.parseLong(matcher.group(3));
    }
}
