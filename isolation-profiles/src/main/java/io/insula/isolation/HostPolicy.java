package io.insula.isolation;

import io.insula.isolation.Sandbox.Form;
import io.insula.rules.keys.InsulaKeys;
import io.insula.rules.keys.WellKnownKeys;
import io.insula.rules.podsecurity.PodSecurityLevel;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.Stream;

/// The second wall: a profile as a ValidatingAdmissionPolicy on the host, which refuses whatever the profile would not
/// have made, whoever asks. Pure; trees are as a JSON parser gives them, complete with the API's defaults, so that
/// what somebody adds by hand is seen as a difference.
///
/// A workload says by the annotation [#PROFILE] which profile made it; [#tenants] refuses those that say none of the
/// namespace's ([#ALLOWED]), the profile's own policy everything else.
public final class HostPolicy {

    /// Annotation of host workloads: the profile that made them.
    public static final String PROFILE = "insula.io/profile";
    /// Annotation of host workloads: the version of that profile that made them.
    public static final String PROFILE_VERSION = "insula.io/profile-version";
    /// Annotation of a tenant's host namespace: names of the tenant's profiles, separated by commas.
    public static final String ALLOWED = "insula.io/profiles";
    /// Annotation of what the syncer makes on the host: the uid of the tenant's object.
    public static final String UID = "insula.io/uid";
    /// Label of a tenant's host namespace.
    public static final String TENANT = InsulaKeys.TENANT;

    /// Make the pods that machines run in: virt-controller's ServiceAccount, and the embedded host's own
    /// `virt-controller`, which no credential is for.
    ///
    /// Source: KubeVirt, `pkg/virt-operator/resource/generate/rbac`.
    private static final List<String> LAUNCH =
            List.of("system:serviceaccount:kubevirt:kubevirt-controller", "system:controller:virt-controller");
    /// What else of KubeVirt writes machines.
    private static final String KUBEVIRT = "system:serviceaccount:kubevirt:";

    /// Annotations by which pods configure the container runtime, the node's network or its security modules; the
    /// sandboxes have theirs.
    private static final List<String> RUNTIME_PREFIXES = List.of(
            "io.kubernetes.cri",
            "io.containerd.",
            "cri-o.",
            "io.kubernetes.cri-o.",
            "cdi.k8s.io/",
            WellKnownKeys.APP_ARMOR_PREFIX,
            "seccomp.security.alpha.kubernetes.io/",
            WellKnownKeys.SECCOMP_PREFIX,
            "k8s.v1.cni.cncf.io/networks",
            "v1.multus-cni.io/");

    private static final Map<String, Object> TENANTS =
            Map.of("matchExpressions", List.of(Map.of("key", TENANT, "operator", "Exists")));

    private static final List<Map<String, Object>> WORKLOADS = List.of(
            watched("", "v1", List.of("pods", "pods/ephemeralcontainers", "pods/resize")),
            watched("kubevirt.io", "v1", List.of("virtualmachineinstances")));

    /// By which the control plane asks a tenant whether what a volume or a snapshot is of is gone.
    private static final List<String> IDENTITY =
            List.of(InsulaKeys.TENANT, InsulaKeys.NAMESPACE, InsulaKeys.NAME, InsulaKeys.KIND, UID);

    private static final int NAME_LIMIT = 253;

    private HostPolicy() {}

    /// The name of a profile's policy and of its binding.
    ///
    /// @throws IllegalArgumentException for a name that is too long for the host
    public static String nameOf(String profile) {
        var name = ProfileSettings.PREFIX + profile;
        if (name.length() > NAME_LIMIT) {
            throw new IllegalArgumentException("name: has " + profile.length() + " characters (expected: at most "
                    + (NAME_LIMIT - ProfileSettings.PREFIX.length()) + ")");
        }
        return name;
    }

    /// The level of pod security that a namespace must have for the profile's pods to be admitted: what runs a
    /// machine is KubeVirt's own and needs more than tenants may ask for; the host's own admission knows no list of
    /// ports. What the namespace's level leaves open, the profile's policy closes.
    public static PodSecurityLevel podSecurity(ProfileSettings settings) {
        return settings.sandbox().form() == Form.MACHINE
                        || !settings.hostPorts().areNone()
                ? PodSecurityLevel.PRIVILEGED
                : settings.enforcedPodSecurity();
    }

    /// The `spec` of the policy of one profile.
    public static Map<String, Object> spec(ProfileSettings settings, HostFacts facts) {
        boolean machines = settings.sandbox().form() == Form.MACHINE;
        var made = machines ? "virtualmachineinstances" : "pods";
        var rules = new ArrayList<HostRule>();
        rules.add(HostRule.of(
                "kind", "the isolation profile makes " + made, "request.resource.resource == \"" + made + "\""));
        rules.addAll(machines ? HostMachineRules.of(settings, facts) : HostPodRules.of(settings, facts));
        var conditions = new LinkedHashMap<String, String>();
        conditions.put(
                "profile",
                "object.metadata.?annotations[?" + Cel.text(PROFILE) + "].orValue(\"\") == "
                        + Cel.text(settings.name()));
        conditions.put(
                "changed",
                "request.operation == \"CREATE\" || object.spec != oldObject.spec || "
                        + "object.metadata.?annotations[?" + Cel.text(PROFILE)
                        + "] != oldObject.metadata.?annotations[?" + Cel.text(PROFILE) + "] || !"
                        + ProcessLimit.unchanged());
        if (machines) {
            conditions.put("kubevirt", "!request.userInfo.username.startsWith(" + Cel.text(KUBEVIRT) + ")");
        }
        return policy(
                conditions,
                machines ? HostMachineRules.variables() : HostPodRules.variables(),
                "isolation profile \"" + settings.name() + "\": ",
                rules,
                TENANTS,
                WORKLOADS);
    }

    /// The `spec` of the one policy of all tenants' namespaces.
    ///
    /// @param profiles all that the host's pods may run under
    public static Map<String, Object> tenants(Profiles profiles) {
        var prefixes = Cel.list(Stream.concat(
                        RUNTIME_PREFIXES.stream(),
                        profiles.sandboxes().stream().flatMap(sandbox -> sandbox.annotations().stream()))
                .toList());
        var profile = "object.metadata.?annotations[?" + Cel.text(PROFILE) + "].orValue(\"\")";
        var before = "oldObject.metadata.?annotations[?" + Cel.text(PROFILE) + "].orValue(\"\")";
        var allowed = "namespaceObject.metadata.?annotations[?" + Cel.text(ALLOWED) + "].orValue(\"\").split(\",\")";
        var rules = new ArrayList<HostRule>();
        rules.add(HostRule.of(
                "metadata.annotations[" + PROFILE + "]",
                "is no isolation profile of this tenant",
                "(request.operation == \"UPDATE\" && " + profile + " == " + before + ") || (" + profile + " != \"\" && "
                        + profile + " in " + allowed + ")"));
        rules.add(HostRule.of(
                "metadata.annotations",
                "speak to the container runtime",
                "object.metadata.?annotations.orValue({}).all(a, !" + prefixes
                        + ".exists(p, a.startsWith(p)) || (request.operation == \"UPDATE\" && "
                        + "a in oldObject.metadata.?annotations.orValue({}) && "
                        + "object.metadata.annotations[a] == oldObject.metadata.annotations[a]))"));
        return policy(
                Cel.named("kubevirt", "!(request.userInfo.username in " + Cel.list(LAUNCH) + ")"),
                Cel.named(),
                "",
                rules,
                TENANTS,
                WORKLOADS);
    }

    /// The `spec` of the policy of what stands beside the workloads in tenants' namespaces: nothing there may be a
    /// credential of the host, somebody else's traffic or somebody else's volume.
    ///
    /// @param user the one whose Ingresses come from tenants; the host's own controllers note what they like
    public static Map<String, Object> objects(String user) {
        var ingress = "request.resource.resource != \"ingresses\" || ";
        var data = "!(request.resource.resource in [\"persistentvolumeclaims\", \"volumesnapshots\"]) || "
                + "request.userInfo.username != " + Cel.text(user) + " || ";
        var rules = List.of(
                HostRule.of(
                        "metadata.annotations",
                        "have one that is not for controllers of the shared cluster",
                        ingress + "request.userInfo.username != " + Cel.text(user)
                                + " || object.metadata.?annotations.orValue({}).all(a, a.startsWith(\"insula.io/\") || a in "
                                + Cel.list(IngressAnnotations.keys()) + ")"),
                HostRule.of(
                        "spec.defaultBackend",
                        "would answer for every name of the shared cluster",
                        ingress + "!has(object.spec.defaultBackend)"),
                HostRule.of(
                        "spec.rules",
                        "must name a host and Services",
                        ingress + "object.spec.?rules.orValue([]).all(r, r.?host.orValue(\"\") != \"\" && "
                                + "r.?http.paths.orValue([]).all(p, has(p.backend.service)))"),
                HostRule.of(
                        "spec.tls",
                        "must name hosts of rules",
                        ingress + "object.spec.?tls.orValue([]).all(t, t.?hosts.orValue([]).size() > 0 && "
                                + "t.hosts.all(h, object.spec.rules.exists(r, r.?host.orValue(\"\") == h)))"),
                HostRule.of(
                        "type",
                        "tokens of the host are not for tenants",
                        "request.resource.resource != \"secrets\" || !(object.?type.orValue(\"\") in "
                                + "[\"kubernetes.io/service-account-token\", \"bootstrap.kubernetes.io/token\"])"),
                HostRule.of(
                        "metadata.annotations",
                        "have one that is not for load balancers of the shared cluster",
                        "request.resource.resource != \"services\" || request.userInfo.username != " + Cel.text(user)
                                + " || object.metadata.?annotations.orValue({}).all(a, a.startsWith(\"insula.io/\")"
                                + " || (request.operation == \"UPDATE\" && a in oldObject.metadata.?annotations.orValue({})"
                                + " && oldObject.metadata.annotations[a] == object.metadata.annotations[a])"
                                + " || namespaceObject.metadata.?annotations[?" + Cel.text(NetworkReach.BALANCERS)
                                + "].orValue(\"\").split(\"\\n\").exists(b, b == a || b == a + \"=\" + "
                                + "object.metadata.annotations[a]))"),
                HostRule.of(
                        "spec.externalIPs",
                        "the addresses of the shared cluster's nodes and tenants are not free",
                        "request.resource.resource != \"services\" || object.spec.?externalIPs.orValue([]).size() == 0"),
                HostRule.of(
                        "spec.volumeName",
                        "volumes are provisioned; none can be chosen",
                        "request.resource.resource != \"persistentvolumeclaims\" || request.operation != \"CREATE\""
                                + " || (object.spec.?volumeName.orValue(\"\") == \"\" && !has(object.spec.selector)"
                                + " && object.spec.?dataSourceRef.namespace.orValue(\"\") == \"\")"),
                HostRule.of(
                        "spec.source.volumeSnapshotContentName",
                        "a content may be of anybody's volume",
                        "request.resource.resource != \"volumesnapshots\" || "
                                + "object.spec.?source.volumeSnapshotContentName.orValue(\"\") == \"\""),
                HostRule.of(
                        "metadata.ownerReferences",
                        "data ends with nobody else",
                        data + "object.metadata.?ownerReferences.orValue([]).size() == 0"),
                HostRule.of(
                        "metadata.annotations",
                        "it is one tenant object's for good",
                        data + "request.operation == \"CREATE\" || " + Cel.list(IDENTITY)
                                + ".all(a, object.metadata.?annotations[?a].orValue(\"\") == "
                                + "oldObject.metadata.?annotations[?a].orValue(\"\"))"));
        return policy(
                Cel.named(),
                Cel.named(),
                "",
                rules,
                TENANTS,
                List.of(
                        watched("", "v1", List.of("secrets", "services", "persistentvolumeclaims")),
                        watched("snapshot.storage.k8s.io", "v1", List.of("volumesnapshots")),
                        watched("networking.k8s.io", "v1", List.of("ingresses"))));
    }

    /// The `spec` of the policy of the tenants' namespaces themselves, for somebody who may note one thing on them.
    ///
    /// @param user who that is
    /// @param note the only annotation that this user may change
    public static Map<String, Object> namespaces(String user, String note) {
        var rules = List.of(
                HostRule.of(
                        "metadata.labels",
                        "are the control plane's",
                        "object.metadata.?labels.orValue({}) == oldObject.metadata.?labels.orValue({})"),
                HostRule.of(
                        "metadata.annotations",
                        "are the control plane's",
                        "object.metadata.?annotations.orValue({}).all(a, a == " + Cel.text(note)
                                + " || oldObject.metadata.?annotations[?a].orValue(\"\") == object.metadata.annotations[a])"
                                + " && oldObject.metadata.?annotations.orValue({}).all(a, a == " + Cel.text(note)
                                + " || a in object.metadata.?annotations.orValue({}))"),
                HostRule.of(
                        "metadata.finalizers",
                        "are the control plane's",
                        "object.metadata.?finalizers.orValue([]) == oldObject.metadata.?finalizers.orValue([])"));
        return policy(
                Cel.named("user", "request.userInfo.username == " + Cel.text(user)),
                Cel.named(),
                "",
                rules,
                // all of them: a label that is taken away must not take the policy away
                Map.of(),
                List.of(watched("", "v1", List.of("namespaces"))));
    }

    /// The `spec` of the binding of either policy: every tenant's namespace.
    public static Map<String, Object> binding(String policy) {
        var spec = new LinkedHashMap<String, Object>();
        spec.put("policyName", policy);
        spec.put("validationActions", List.of("Deny"));
        return spec;
    }

    static Map<String, Object> policy(
            SequencedMap<String, String> conditions,
            SequencedMap<String, String> variables,
            String prefix,
            Collection<HostRule> rules,
            Map<String, Object> namespaces,
            List<Map<String, Object>> watched) {
        var spec = new LinkedHashMap<String, Object>();
        spec.put("failurePolicy", "Fail");
        spec.put(
                "matchConstraints",
                Map.of(
                        "matchPolicy",
                        "Equivalent",
                        "namespaceSelector",
                        namespaces,
                        "objectSelector",
                        Map.of(),
                        "resourceRules",
                        watched));
        spec.put("matchConditions", named(conditions));
        spec.put("variables", named(variables));
        spec.put(
                "validations",
                rules.stream().map(rule -> rule.after(prefix).tree()).toList());
        return spec;
    }

    private static List<Map<String, String>> named(SequencedMap<String, String> expressions) {
        return expressions.entrySet().stream()
                .map(each -> Map.of("name", each.getKey(), "expression", each.getValue()))
                .toList();
    }

    static Map<String, Object> watched(String group, String version, List<String> resources) {
        return Map.of(
                "apiGroups",
                List.of(group),
                "apiVersions",
                List.of(version),
                "operations",
                List.of("CREATE", "UPDATE"),
                "resources",
                resources,
                "scope",
                "*");
    }
}
