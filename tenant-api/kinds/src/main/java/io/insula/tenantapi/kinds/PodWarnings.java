package io.insula.tenantapi.kinds;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.rules.keys.WellKnownKeys;
import io.insula.rules.resources.Quantity;
import io.insula.tenantapi.view.ContainerView;
import io.insula.tenantapi.view.PodSpecView;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What is legal in a pod or a pod template and hardly meant so, in upstream's words: told by `Warning` headers. Pure.
/// Source: kubernetes `pkg/api/pod/warnings.go`.
public final class PodWarnings {

    /// Source: kubernetes `pkg/api/node/util.go`.
    private static final Map<String, String> OLD_NODE_LABELS = Map.of(
            WellKnownKeys.BETA_ARCHITECTURE,
            "deprecated since v1.14; use \"kubernetes.io/arch\" instead",
            WellKnownKeys.BETA_OPERATING_SYSTEM,
            "deprecated since v1.14; use \"kubernetes.io/os\" instead",
            WellKnownKeys.BETA_REGION,
            "deprecated since v1.17; use \"topology.kubernetes.io/region\" instead",
            WellKnownKeys.BETA_ZONE,
            "deprecated since v1.17; use \"topology.kubernetes.io/zone\" instead",
            WellKnownKeys.BETA_INSTANCE_TYPE,
            "deprecated since v1.17; use \"node.kubernetes.io/instance-type\" instead",
            "app.kubernetes.io/created-by",
            "deprecated since v1.9",
            "scheduler.alpha.kubernetes.io/preferAvoidPods",
            "deprecated since v1.22; use Taints and Tolerations instead",
            "node-role.kubernetes.io/master",
            "use \"node-role.kubernetes.io/control-plane\" instead");

    private static final Map<String, String> OLD_ANNOTATIONS = new TreeMap<>(Map.of(
            "scheduler.alpha.kubernetes.io/critical-pod",
            "non-functional in v1.16+; use the \"priorityClassName\" field instead",
            "security.alpha.kubernetes.io/sysctls",
            "non-functional in v1.11+; use the \"sysctls\" field instead",
            "security.alpha.kubernetes.io/unsafe-sysctls",
            "non-functional in v1.11+; use the \"sysctls\" field instead"));

    private static final Map<String, String> OLD_VOLUMES = new TreeMap<>(Map.of(
            "photonPersistentDisk", "deprecated in v1.11, non-functional in v1.16+",
            "gitRepo", "deprecated in v1.11",
            "scaleIO", "deprecated in v1.16, non-functional in v1.22+",
            "flocker", "deprecated in v1.22, non-functional in v1.25+",
            "storageos", "deprecated in v1.22, non-functional in v1.25+",
            "quobyte", "deprecated in v1.22, non-functional in v1.25+",
            "glusterfs", "deprecated in v1.25, non-functional in v1.26+",
            "cephfs", "deprecated in v1.28, non-functional in v1.31+",
            "rbd", "deprecated in v1.28, non-functional in v1.31+"));

    /// Where upstream's name of a type is not the field's.
    private static final Map<String, String> VOLUME_NAMES = Map.of("storageos", "storageOS");

    private static final String NO_SELECTOR = "a null labelSelector results in matching no pod";

    private final JsonNode pod;
    private final PodSpecView spec;
    private final String path;
    private final List<String> told = new ArrayList<>();

    private PodWarnings(JsonNode pod, String path) {
        this.pod = pod;
        this.spec = new PodSpecView(pod.path("spec"));
        this.path = path;
    }

    /// Of a pod.
    public static List<String> ofPod(JsonNode pod) {
        return new PodWarnings(pod, "").all();
    }

    /// Of a template, where the object that holds it is new or has another spec than before.
    ///
    /// @param path of the template, as `spec.template`
    /// @param old null for a new one
    public static List<String> ofTemplate(JsonNode object, @Nullable JsonNode old, String path) {
        String whole = path.substring(0, (path + ".").indexOf('.'));
        boolean same = old != null && Checks.same(object.path(whole), old.path(whole));
        return same ? List.of() : new PodWarnings(Checks.at(object, path), path).all();
    }

    private List<String> all() {
        nodes();
        annotations();
        volumes();
        tokenPaths();
        doubled("hostAliases", "ip");
        doubled("imagePullSecrets", "name");
        each("imagePullSecrets", (secret, at) -> {
            if (secret.path("name").asText("").isEmpty()) {
                tell(at + ".name", "invalid empty name \"\"");
            }
        });
        fractional(spec.overhead(), field("spec.overhead"));
        told.addAll(new ContainerWarnings(pod, spec, path).all());
        if (spec.tree().path("terminationGracePeriodSeconds").asLong(0) < 0) {
            tell(
                    field("spec.terminationGracePeriodSeconds"),
                    "must be >= 0; negative values are invalid and will be treated as 1");
        }
        podAffinity("podAffinity");
        podAffinity("podAntiAffinity");
        return told;
    }

    private void nodes() {
        spec.nodeSelector()
                .properties()
                .forEach(each -> oldLabel(each.getKey())
                        .ifPresent(what -> tell(field("spec.nodeSelector[" + each.getKey() + "]"), what)));
        JsonNode affinity = spec.tree().path("affinity").path("nodeAffinity");
        String at = field("spec.affinity.nodeAffinity.");
        String required = "requiredDuringSchedulingIgnoredDuringExecution";
        terms(affinity.path(required).path("nodeSelectorTerms"), "", at + required + ".nodeSelectorTerms");
        String preferred = "preferredDuringSchedulingIgnoredDuringExecution";
        terms(affinity.path(preferred), "preference", at + preferred);
        each("topologySpreadConstraints", (constraint, here) -> {
            String key = constraint.path("topologyKey").asText("");
            oldLabel(key).ifPresent(what -> tell(here + ".topologyKey", key + " is " + what));
            if (!constraint.hasNonNull("labelSelector")) {
                tell(here + ".labelSelector", NO_SELECTOR);
            }
        });
    }

    private void terms(JsonNode terms, String below, String at) {
        for (int i = 0; i < terms.size(); i++) {
            JsonNode term = below.isEmpty() ? terms.path(i) : terms.path(i).path(below);
            String here = at + "[" + i + "]" + (below.isEmpty() ? "" : "." + below);
            for (int j = 0; j < term.path("matchExpressions").size(); j++) {
                String key = term.path("matchExpressions").path(j).path("key").asText("");
                String field = here + ".matchExpressions[" + j + "].key";
                oldLabel(key).ifPresent(what -> tell(field, key + " is " + what));
            }
        }
    }

    private void annotations() {
        JsonNode annotations = pod.path("metadata").path("annotations");
        OLD_ANNOTATIONS.forEach((key, what) -> {
            if (annotations.has(key)) {
                tell(field("metadata.annotations[" + key + "]"), what);
            }
        });
        boolean asField = spec.tree().path("securityContext").hasNonNull("seccompProfile");
        if (annotations.has(WellKnownKeys.SECCOMP_POD) && !asField) {
            tell(
                    field("metadata.annotations[" + WellKnownKeys.SECCOMP_POD + "]"),
                    "non-functional in v1.27+; use the \"seccompProfile\" field instead");
        }
    }

    private void volumes() {
        each("volumes", (volume, at) -> {
            OLD_VOLUMES.forEach((type, what) -> {
                if (volume.hasNonNull(type)) {
                    tell(at + "." + VOLUME_NAMES.getOrDefault(type, type), what);
                }
            });
            fractional(
                    volume.path("ephemeral")
                            .path("volumeClaimTemplate")
                            .path("spec")
                            .path("resources")
                            .path("requests"),
                    at + ".ephemeral.volumeClaimTemplate.spec.resources.requests",
                    "storage");
        });
    }

    /// A file of a projected volume where another one has a token.
    private void tokenPaths() {
        Set<String> tokens = new HashSet<>();
        each(
                "volumes",
                (volume, _) -> volume.path("projected").path("sources").forEach(source -> {
                    if (source.hasNonNull("serviceAccountToken")) {
                        tokens.add(
                                source.path("serviceAccountToken").path("path").asText(""));
                    }
                }));
        each(
                "volumes",
                (volume, at) -> volume.path("projected").path("sources").forEach(source -> {
                    String here = at + ".projected.sources.";
                    tokenPaths(tokens, source.path("configMap"), here + "configMap");
                    tokenPaths(tokens, source.path("secret"), here + "secrets");
                    tokenPaths(tokens, source.path("downwardAPI"), here + "downwardAPI");
                    tokenPath(tokens, source.path("clusterTrustBundle"), here + "ClusterTrustBundle");
                }));
    }

    private void tokenPaths(Set<String> tokens, JsonNode source, String at) {
        for (int i = 0; i < source.path("items").size(); i++) {
            tokenPath(tokens, source.path("items").path(i), at + "[" + i + "]");
        }
    }

    private void tokenPath(Set<String> tokens, JsonNode item, String at) {
        String file = item.path("path").asText("");
        if (item.has("path") && tokens.contains(file)) {
            tell(at, "has duplicated path with ServiceAccountToken \"" + file + "\"");
        }
    }

    private void podAffinity(String kind) {
        JsonNode affinity = spec.tree().path("affinity").path(kind);
        String at = field("spec.affinity." + kind + ".");
        String required = "requiredDuringSchedulingIgnoredDuringExecution";
        for (int i = 0; i < affinity.path(required).size(); i++) {
            if (!affinity.path(required).path(i).hasNonNull("labelSelector")) {
                tell(at + required + "[" + i + "].labelSelector", NO_SELECTOR);
            }
        }
        String preferred = "preferredDuringSchedulingIgnoredDuringExecution";
        for (int i = 0; i < affinity.path(preferred).size(); i++) {
            JsonNode term = affinity.path(preferred).path(i).path("podAffinityTerm");
            if (!term.hasNonNull("labelSelector")) {
                tell(at + preferred + "[" + i + "].podAffinityTerm.labelSelector", NO_SELECTOR);
            }
        }
    }

    private void doubled(String list, String key) {
        Set<String> seen = new HashSet<>();
        each(list, (item, at) -> {
            String value = item.path(key).asText("");
            if (!seen.add(value)) {
                tell(at + "." + key, "duplicate " + key + " \"" + value + "\"");
            }
        });
    }

    private void fractional(JsonNode amounts, String at) {
        fractional(amounts, at, "memory");
        fractional(amounts, at, "ephemeral-storage");
    }

    private void fractional(JsonNode amounts, String at, String resource) {
        fraction(amounts, at, resource).ifPresent(told::add);
    }

    /// What of an amount of bytes is no whole number of them.
    static Optional<String> fraction(JsonNode amounts, String at, String resource) {
        return Optional.of(amounts.path(resource).asText(""))
                .flatMap(Quantity::parse)
                .filter(amount -> amount.milliValue() % 1000 != 0)
                .map(amount -> at + "[" + resource + "]: fractional byte value \"" + amount
                        + "\" is invalid, must be an integer");
    }

    private interface Item {
        void look(JsonNode item, String at);
    }

    private void each(String list, Item look) {
        JsonNode items = spec.tree().path(list);
        for (int i = 0; i < items.size(); i++) {
            look.look(items.path(i), field("spec." + list + "[" + i + "]"));
        }
    }

    private String field(String below) {
        return path.isEmpty() ? below : path + "." + below;
    }

    private void tell(String field, String what) {
        told.add(field + ": " + what);
    }

    private static Optional<String> oldLabel(String key) {
        return Optional.ofNullable(OLD_NODE_LABELS.get(key));
    }

    /// For [ContainerWarnings]: the path of a container's list item.
    static String pathOf(ContainerView container, String path) {
        return container.path(path.isEmpty() ? "spec" : path + ".spec");
    }
}
