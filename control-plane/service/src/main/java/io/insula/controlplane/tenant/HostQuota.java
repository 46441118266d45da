package io.insula.controlplane.tenant;

import io.fabric8.kubernetes.api.model.Quantity;
import io.insula.isolation.ProfileSettings;
import io.insula.isolation.Sandbox.Form;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// The hard limits of a tenant's host namespace: what its profiles and its own limits allow it. Pure.
///
/// A profile's quota is for the pods of that profile, which a quota of its own counts by their PriorityClass
/// ([#ofProfile]). Of pods' amounts that no quota can count by class, the namespace as a whole has the sum of all
/// profiles' (none where a profile has none), and the tenant's admission counts each profile exactly. Of everything
/// else the smallest amount holds.
final class HostQuota {

    /// What counts on the host as it does in the tenant.
    private static final Pattern SAME =
            Pattern.compile("(count/)?(pods|services|persistentvolumeclaims|configmaps|secrets)"
                    + "|services\\.(nodeports|loadbalancers)|((requests|limits)\\.)?(cpu|memory|ephemeral-storage)"
                    + "|requests\\.storage|requests\\..*/.*|(requests\\.)?hugepages-.*"
                    + "|.*\\.storageclass\\.storage\\.k8s\\.io/.*"
                    // custom kinds, of which the host has what a rule sends there
                    + "|count/[-a-z0-9]+(\\.[-a-z0-9]+){2,}(?<!\\.k8s\\.io)");

    private static final Pattern OF_PODS = Pattern.compile(
            "(count/)?pods|((requests|limits)\\.)?(cpu|memory|ephemeral-storage)|requests\\..*/.*|(requests\\.)?hugepages-.*");

    /// What a quota with a scope may limit. Source: kubernetes/pkg/apis/core/helper,
    /// IsResourceQuotaScopeValidForResource.
    private static final Pattern SCOPED = Pattern.compile("pods|((requests|limits)\\.)?(cpu|memory)");

    private static final String LIMITS = "limits.";

    /// Secrets of the syncer's own: the tokens of a pod, and what a machine boots with.
    private static final int SECRETS_PER_POD = 2;

    /// `kube-root-ca.crt`.
    private static final int HOSTS_CONFIG_MAPS = 1;

    private HostQuota() {}

    /// Whether a limit of this name is about pods, and so a profile's own.
    static boolean isOfPods(String name) {
        return OF_PODS.matcher(name).matches();
    }

    /// Of the pods of one profile; empty for no limit.
    static SequencedMap<String, Quantity> ofProfile(ProfileSettings profile) {
        var all = new TreeMap<String, Quantity>();
        profile.quota().forEach((name, amount) -> {
            if (SCOPED.matcher(name).matches()) {
                least(all, counted(name, profile), amount);
            }
        });
        return all;
    }

    /// KubeVirt gives the pod of a machine a limit above the machine's own, by an estimate that depends on
    /// its release; the request is the machine's limit to the byte.
    private static String counted(String name, ProfileSettings profile) {
        return profile.sandbox().form() == Form.MACHINE && name.startsWith(LIMITS)
                ? "requests." + name.substring(LIMITS.length())
                : name;
    }

    static SequencedMap<String, Quantity> of(List<ProfileSettings> profiles, TenantLimits limits) {
        var all = new TreeMap<String, Quantity>();
        limits.hard().forEach((name, amount) -> least(all, name, amount));
        profiles.stream()
                .map(ProfileSettings::quota)
                .forEach(quota -> quota.forEach((name, amount) -> {
                    if (!isOfPods(name)) {
                        least(all, name, amount);
                    }
                }));
        sums(profiles).forEach((name, amount) -> least(all, name, amount));
        all.keySet().removeIf(name -> !SAME.matcher(name).matches());
        for (var name : List.of("secrets", "count/secrets")) {
            all.computeIfPresent(name, (_, amount) -> withOwn(amount, all.get("pods")));
        }
        for (var name : List.of("configmaps", "count/configmaps")) {
            all.computeIfPresent(name, (_, amount) -> plus(amount, BigDecimal.valueOf(HOSTS_CONFIG_MAPS)));
        }
        var pods = all.get("pods");
        if (pods != null) {
            // where no pod carries them (the embedded host), machines count as such
            all.put("count/virtualmachineinstances.kubevirt.io", pods);
        }
        return all;
    }

    private static Map<String, Quantity> sums(List<ProfileSettings> profiles) {
        var sums = new TreeMap<String, Quantity>();
        profiles.getFirst().quota().keySet().stream()
                .filter(name -> isOfPods(name) && !SCOPED.matcher(name).matches())
                .filter(name ->
                        profiles.stream().allMatch(profile -> profile.quota().containsKey(name)))
                .forEach(name -> sums.put(
                        name,
                        profiles.stream()
                                .map(profile -> profile.quota().get(name))
                                .reduce((a, b) -> plus(a, b.getNumericalAmount()))
                                .orElseThrow()));
        return sums;
    }

    private static Quantity withOwn(Quantity secrets, @org.jspecify.annotations.Nullable Quantity pods) {
        return pods == null
                ? secrets
                : plus(secrets, pods.getNumericalAmount().multiply(BigDecimal.valueOf(SECRETS_PER_POD)));
    }

    private static Quantity plus(Quantity amount, BigDecimal more) {
        return more.signum() == 0
                ? amount
                : Quantity.fromNumericalAmount(amount.getNumericalAmount().add(more), null);
    }

    private static void least(Map<String, Quantity> all, String name, Quantity amount) {
        all.merge(name, amount, (a, b) -> a.getNumericalAmount().compareTo(b.getNumericalAmount()) <= 0 ? a : b);
    }
}
