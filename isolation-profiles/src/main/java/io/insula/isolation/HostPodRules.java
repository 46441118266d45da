package io.insula.isolation;

import io.fabric8.kubernetes.api.model.Toleration;
import io.insula.isolation.ResourceMode.Burstable;
import io.insula.isolation.ResourceMode.Hard;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What a pod on the host must look like under a profile, in CEL: the same boundary as [HostBoundary] and
/// [SandboxedPods] draw, said of their result. Written for whoever reads the answer: each rule names its field.
///
/// Confined to a thread, used once.
final class HostPodRules {

    private static final Set<String> SPEC = Set.of(
            "activeDeadlineSeconds",
            "affinity",
            "automountServiceAccountToken",
            "containers",
            "dnsConfig",
            "dnsPolicy",
            "enableServiceLinks",
            "ephemeralContainers",
            "hostAliases",
            "hostIPC",
            "hostNetwork",
            "hostPID",
            "hostUsers",
            "hostname",
            "imagePullSecrets",
            "initContainers",
            "nodeName",
            "nodeSelector",
            "os",
            "overhead",
            "preemptionPolicy",
            "priority",
            "priorityClassName",
            "readinessGates",
            "resources",
            "restartPolicy",
            "runtimeClassName",
            "schedulerName",
            "schedulingGates",
            "securityContext",
            "serviceAccount",
            "serviceAccountName",
            "setHostnameAsFQDN",
            "shareProcessNamespace",
            "subdomain",
            "terminationGracePeriodSeconds",
            "tolerations",
            "topologySpreadConstraints",
            "volumes");
    private static final Set<String> CONTAINER = Set.of(
            "args",
            "command",
            "env",
            "envFrom",
            "image",
            "imagePullPolicy",
            "lifecycle",
            "livenessProbe",
            "name",
            "ports",
            "readinessProbe",
            "resizePolicy",
            "resources",
            "restartPolicy",
            "restartPolicyRules",
            "securityContext",
            "startupProbe",
            "stdin",
            "stdinOnce",
            "targetContainerName",
            "terminationMessagePath",
            "terminationMessagePolicy",
            "tty",
            "volumeDevices",
            "volumeMounts",
            "workingDir");
    private static final Set<String> POD_CONTEXT = Set.of(
            "appArmorProfile",
            "fsGroup",
            "fsGroupChangePolicy",
            "runAsGroup",
            "runAsNonRoot",
            "runAsUser",
            "seLinuxChangePolicy",
            "seLinuxOptions",
            "seccompProfile",
            "supplementalGroups",
            "supplementalGroupsPolicy",
            "sysctls",
            "windowsOptions");
    private static final Set<String> CONTEXT = Set.of(
            "allowPrivilegeEscalation",
            "appArmorProfile",
            "capabilities",
            "privileged",
            "procMount",
            "readOnlyRootFilesystem",
            "runAsGroup",
            "runAsNonRoot",
            "runAsUser",
            "seLinuxOptions",
            "seccompProfile",
            "windowsOptions");
    private static final Set<String> VOLUMES =
            Stream.concat(Stream.of("name"), VolumeKinds.PASSED.stream()).collect(Collectors.toUnmodifiableSet());
    /// No token of the host's: those of the tenant come in Secrets.
    private static final Set<String> PROJECTED = Set.of("configMap", "secret", "downwardAPI");

    private static final Set<String> CLAIM_TEMPLATE =
            Set.of("accessModes", "resources", "storageClassName", "volumeMode", "dataSource");

    private final ProfileSettings settings;
    private final HostFacts facts;
    private final List<HostRule> rules = new ArrayList<>();

    private HostPodRules(ProfileSettings settings, HostFacts facts) {
        this.settings = settings;
        this.facts = facts;
    }

    /// What [#of] may name besides the request.
    static SequencedMap<String, String> variables() {
        return Cel.named(
                "spec", "dyn(object).spec",
                "context", "variables.spec.?securityContext.orValue({})",
                "running", "variables.spec.containers + variables.spec.?initContainers.orValue([])",
                "containers", "variables.running + variables.spec.?ephemeralContainers.orValue([])",
                "contexts", "variables.containers.map(c, c.?securityContext.orValue({}))",
                "volumes", "variables.spec.?volumes.orValue([])");
    }

    static List<HostRule> of(ProfileSettings settings, HostFacts facts) {
        var all = new HostPodRules(settings, facts);
        all.host();
        all.identity();
        all.containers();
        all.volumes();
        all.placement();
        all.resources();
        all.rules.addAll(settings.limitRange().ofPods());
        all.rules.addAll(settings.processes().ofPods());
        all.rules.addAll(settings.allowances().ofPods());
        all.rules.addAll(HostPodSecurityRules.of(settings.enforcedPodSecurity(), settings.localhostProfiles()));
        return List.copyOf(all.rules);
    }

    private void host() {
        rules.add(HostRule.known("spec", "variables.spec", SPEC));
        for (var field : List.of("hostNetwork", "hostPID", "hostIPC")) {
            add("spec." + field, "is shared by all tenants", "!variables.spec.?" + field + ".orValue(false)");
        }
        add(
                "spec.runtimeClassName",
                "must be \"" + settings.runtimeClassName() + "\"",
                "variables.spec.?runtimeClassName.orValue(\"\") == " + Cel.text(settings.runtimeClassName()));
        if (settings.userNamespaces()) {
            add("spec.hostUsers", "must be false", "!variables.spec.?hostUsers.orValue(true)");
        }
        rules.add(HostRule.known("spec.securityContext", "variables.context", POD_CONTEXT));
    }

    private void identity() {
        add(
                "spec.serviceAccountName",
                "must be default",
                "variables.spec.?serviceAccountName.orValue(\"default\") in [\"\", \"default\"]");
        add(
                "spec.automountServiceAccountToken",
                "must be false",
                "!variables.spec.?automountServiceAccountToken.orValue(true)");
    }

    private void containers() {
        rules.add(HostRule.knownInEach("spec.containers", "variables.containers", CONTAINER));
        rules.add(HostRule.knownInEach("spec.containers.securityContext", "variables.contexts", CONTEXT));
        add(
                "spec.containers.securityContext.privileged",
                "a privileged container owns the node",
                "variables.contexts.all(c, !c.?privileged.orValue(false))");
        add(
                "spec.containers.securityContext.procMount",
                "the node's /proc stays masked",
                "variables.contexts.all(c, c.?procMount.orValue(\"Default\") == \"Default\")");
        rules.addAll(settings.hostPorts().ofPods());
        new TreeMap<>(settings.sandbox().missing())
                .forEach((field, reason) -> add(
                        "spec.containers." + field,
                        reason,
                        "variables.containers.all(c, !has(c." + field + ") || c." + field + ".size() == 0)"));
    }

    private void volumes() {
        rules.add(HostRule.knownInEach("spec.volumes", "variables.volumes", VOLUMES));
        // a name alone
        add("spec.volumes", "must have a source", "variables.volumes.all(v, v.size() > 1)");
        add(
                "spec.volumes.projected.sources",
                "may only be of ConfigMaps, Secrets and the downward API",
                // a server takes away what it does not know or has switched off: what is left may be nothing
                "variables.volumes.all(v, v.?projected.sources.orValue([]).all(s, s.size() > 0 && s.all(f, f in "
                        + Cel.list(PROJECTED) + ")))");
        rules.add(HostRule.knownInEach(
                "spec.volumes.ephemeral.volumeClaimTemplate.spec",
                "variables.volumes.filter(v, has(v.ephemeral)).map(v, v.ephemeral.volumeClaimTemplate.spec)",
                CLAIM_TEMPLATE));
    }

    private void placement() {
        add(
                "spec.nodeName",
                "the host's scheduler chooses the node",
                "request.operation != \"CREATE\" || variables.spec.?nodeName.orValue(\"\") == \"\"");
        add(
                "spec.schedulerName",
                "only default-scheduler schedules on the host",
                "variables.spec.?schedulerName.orValue(\"\") in [\"\", \"default-scheduler\"]");
        rules.addAll(placement("variables.spec", settings, facts));
    }

    /// Priority, node pool and taints, the same for pods and machines.
    ///
    /// @param spec CEL that gives the spec
    static List<HostRule> placement(String spec, ProfileSettings settings, HostFacts facts) {
        var rules = new ArrayList<HostRule>();
        rules.add(HostRule.of(
                "spec.priorityClassName",
                "must be " + priorities(settings) + ", by which its quota knows it",
                // it cannot be changed; what an earlier release made has none
                "request.operation != \"CREATE\" || " + spec + ".?priorityClassName.orValue(\"\") in "
                        + Cel.list(settings.priorityClassNames().keySet())));
        settings.nodePool().selector().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(pool -> HostRule.of(
                        "spec.nodeSelector[" + pool.getKey() + "]",
                        "must be \"" + pool.getValue() + "\"",
                        spec + ".?nodeSelector[?" + Cel.text(pool.getKey()) + "].orValue(\"\") == "
                                + Cel.text(pool.getValue())))
                .forEach(rules::add);
        var tolerated = Stream.of(
                        settings.allowedTolerations(),
                        settings.nodePool().tolerations(),
                        facts.runtimeClassTolerations(),
                        // which the host adds itself
                        ProfileSettings.DEFAULT_TOLERATIONS)
                .flatMap(List::stream)
                .map(HostPodRules::covers)
                .distinct()
                .collect(Collectors.joining(" || "));
        rules.add(HostRule.of(
                "spec.tolerations",
                "has a taint that the isolation profile does not tolerate",
                spec + ".?tolerations.orValue([]).all(t, " + tolerated + ")"));
        return rules;
    }

    private static String priorities(ProfileSettings settings) {
        return settings.priorityClassNames().sequencedKeySet().stream()
                .map(each -> "\"" + each + "\"")
                .collect(Collectors.joining(" or "));
    }

    /// Whether `t` tolerates no taint that `allowed` does not.
    private static String covers(Toleration allowed) {
        var parts = new ArrayList<String>();
        var key = Objects.requireNonNullElse(allowed.getKey(), "");
        if (!key.isEmpty()) {
            parts.add("t.?key.orValue(\"\") == " + Cel.text(key));
        }
        if (!"Exists".equals(allowed.getOperator())) {
            parts.add("t.?operator.orValue(\"Equal\") in [\"\", \"Equal\"] && t.?value.orValue(\"\") == "
                    + Cel.text(Objects.requireNonNullElse(allowed.getValue(), "")));
        }
        var effect = Objects.requireNonNullElse(allowed.getEffect(), "");
        if (!effect.isEmpty()) {
            parts.add("t.?effect.orValue(\"\") == " + Cel.text(effect));
        }
        return parts.isEmpty() ? "true" : "(" + String.join(" && ", parts) + ")";
    }

    /// Each container's own amounts, or those of the pod where it names one: its containers share that.
    private void resources() {
        for (var name : List.of("cpu", "memory")) {
            var whole = "variables.spec.?resources.limits[?\"" + name + "\"].hasValue() ? ";
            for (var rule : List.of("limits", "requests")) {
                var of = rule.equals("limits") ? bounded(name) : reserved(name);
                add(
                        "spec.containers.resources." + rule + "." + name,
                        rule.equals("limits") ? "must be set, and more than nothing" : enough(),
                        whole + of.apply("variables.spec") + " : variables.running.all(c, " + of.apply("c") + ")");
            }
        }
    }

    private static UnaryOperator<String> bounded(String name) {
        return of -> quantity(of, "limits", name) + ".isGreaterThan(quantity(\"0\"))";
    }

    private UnaryOperator<String> reserved(String name) {
        return of -> switch (settings.resources()) {
            case Hard() -> quantity(of, "requests", name) + ".compareTo(" + quantity(of, "limits", name) + ") == 0";
            case Burstable(var ratio) ->
                // the translation rounds limits up to the next millicore or byte
                quantity(of, "limits", name) + ".asApproximateFloat() <= " + quantity(of, "requests", name)
                        + ".asApproximateFloat() * double(" + ratio + ") + "
                        + (name.equals("cpu") ? "0.0011" : "1.0");
        };
    }

    private String enough() {
        return switch (settings.resources()) {
            case Hard() -> "must equal the limit";
            case Burstable(var ratio) -> "must be at least the limit divided by " + ratio;
        };
    }

    private static String quantity(String of, String field, String name) {
        return "quantity(string(" + of + ".?resources." + field + "[?\"" + name + "\"].orValue(\"0\")))";
    }

    private void add(String field, String reason, String expression) {
        rules.add(HostRule.of(field, reason, expression));
    }
}
