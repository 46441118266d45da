package io.insula.isolation;

import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Toleration;
import io.insula.rules.keys.WellKnownKeys;
import io.insula.rules.podsecurity.PodSecurityLevel;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;

/// One isolation profile as its `IsolationProfile` custom resource describes it. Immutable.
///
/// @param name the custom resource's name, and what a pod asks for
/// @param sandbox which [IsolationProfile] translates its pods
/// @param runtimeClassName set on host pods; empty for the node's default runtime
/// @param podSecurity the level a tenant pod must meet
/// @param userNamespaces whether host pods get a user namespace (`hostUsers: false`)
/// @param seccomp the default seccomp profile type (`RuntimeDefault`); empty to leave the pod's own
/// @param resources how limits follow from requests
/// @param defaults requests of a container that names none
/// @param nodePool where its pods run
/// @param allowedTolerations which taints its pods may tolerate beside those that the node pool's tolerations name
/// @param localhostProfiles whether pods may name seccomp and AppArmor profiles of the nodes (`Localhost`)
/// @param allowances what its pods may have at most of volumes, capabilities and sysctls
/// @param hostPorts which ports of the nodes its pods may have
/// @param priorityClasses which classes of the host they may have
/// @param overhead what the sandbox itself takes per pod on the node, beside the containers, and so is reserved for
///     each pod; a host's RuntimeClass must say the same
/// @param fallbacks names of profiles tried in order when this one cannot express a pod and the pod asked for none
/// @param network how far the network of its tenants' pods reaches
/// @param quota hard limits of the tenant's host namespace, as in a ResourceQuota; empty for none
/// @param limitRange what a container and a pod may ask for
/// @param processes how many its pods may have on a node
/// @param guestImage `kubevirt` only: the container disk that boots the guest
/// @param guestMemory `kubevirt` only: the part of the overhead's memory that is in the guest, for its own kernel and
///     services
public record ProfileSettings(
        String name,
        Sandbox sandbox,
        String runtimeClassName,
        PodSecurityLevel podSecurity,
        boolean userNamespaces,
        String seccomp,
        ResourceMode resources,
        Resources defaults,
        NodePool nodePool,
        List<Toleration> allowedTolerations,
        boolean localhostProfiles,
        Allowances allowances,
        HostPorts hostPorts,
        PriorityClasses priorityClasses,
        Resources overhead,
        List<String> fallbacks,
        NetworkReach network,
        Map<String, Quantity> quota,
        LimitRanges limitRange,
        ProcessLimit processes,
        String guestImage,
        Quantity guestMemory) {

    /// Of the names of what the host has of each profile.
    static final String PREFIX = "insula-profile-";

    /// Built by `deploy/guest-image`.
    public static final String DEFAULT_GUEST_IMAGE = "insula/pod-guest:latest";

    /// A node that is lost or unwell for a while need not lose its pods at once: what Kubernetes itself adds to each.
    public static final List<Toleration> DEFAULT_TOLERATIONS = List.of(
            new Toleration("NoExecute", WellKnownKeys.NOT_READY, "Exists", null, null),
            new Toleration("NoExecute", WellKnownKeys.UNREACHABLE, "Exists", null, null));

    /// A small Linux with a container runtime.
    public static final Quantity DEFAULT_GUEST_MEMORY = new Quantity("128Mi");

    /// 100m and 128Mi: what kubectl users commonly leave out and small services need.
    public static final Resources DEFAULT_REQUESTS = Resources.of("100m", "128Mi");

    public ProfileSettings {
        if (name.isEmpty()) {
            throw new IllegalArgumentException("name: \"\" (expected: not empty)");
        }
        allowedTolerations = List.copyOf(allowedTolerations);
        fallbacks = List.copyOf(fallbacks);
        quota = Map.copyOf(quota);
    }

    /// A profile of this sandbox with the defaults of an `IsolationProfile` that names nothing else.
    public static ProfileSettings of(String name, Sandbox sandbox) {
        return new SpecReader(Map.of()).read(name, sandbox);
    }

    /// The PriorityClass of its pods on the host, by which a ResourceQuota there tells them from those of
    /// other profiles. All profiles' have the same value: no tenant's pod comes before another's, unless a profile
    /// gives more ([#priorityClassNames]).
    ///
    /// Source: Kubernetes documentation, "Resource Quotas", "Resource quota per PriorityClass": of all that a
    /// quota can be scoped by, the class alone is the control plane's to give out.
    public String priorityClassName() {
        return PREFIX + name;
    }

    /// Every PriorityClass that its pods may have on the host, and the class of the host's whose value and preemption
    /// policy it has; empty for the host's default.
    public SequencedMap<String, String> priorityClassNames() {
        var names = priorityClasses.of(name);
        names.put(priorityClassName(), "");
        return names;
    }

    /// The one that a pod has.
    String priorityClassName(PodSpec spec) {
        return priorityClasses.of(name, spec).orElseGet(this::priorityClassName);
    }

    /// Of what it makes of pods: another one where that is something else.
    public String version() {
        return ProfileVersion.of(this);
    }

    /// What a new host pod of this profile says to its node.
    public Map<String, String> hostAnnotations() {
        var all = new TreeMap<>(processes.annotations());
        all.put(HostPolicy.PROFILE_VERSION, version());
        return all;
    }

    /// The level that its pods must meet: what the profile asks for, but nothing that the sandbox cannot stand.
    PodSecurityLevel enforcedPodSecurity() {
        return podSecurity.compareTo(sandbox.loosest()) < 0 ? sandbox.loosest() : podSecurity;
    }
}
