package io.insula.tenantapi.admission.podsecurity;

import static io.insula.tenantapi.admission.podsecurity.PodParts.containers;
import static io.insula.tenantapi.admission.podsecurity.PodParts.isWindows;
import static io.insula.tenantapi.admission.podsecurity.PodParts.names;
import static io.insula.tenantapi.admission.podsecurity.PodParts.plural;
import static io.insula.tenantapi.admission.podsecurity.PodParts.quoted;
import static io.insula.tenantapi.admission.podsecurity.PodParts.security;
import static io.insula.tenantapi.admission.podsecurity.PodParts.setters;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.admission.podsecurity.PodCheck.Violation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// What a hardened pod must say: the restricted level, on top of baseline.
/// Source: Kubernetes documentation, "Pod Security Standards".
final class RestrictedChecks {

    static final List<PodCheck> ALL = List.of(
            new PodCheck("allowPrivilegeEscalation", RestrictedChecks::escalation),
            new PodCheck("capabilities_restricted", "capabilities_baseline", RestrictedChecks::capabilities),
            new PodCheck("restrictedVolumes", "hostPathVolumes", RestrictedChecks::volumes),
            new PodCheck("runAsNonRoot", RestrictedChecks::runAsNonRoot),
            new PodCheck("runAsUser", RestrictedChecks::runAsUser),
            new PodCheck("seccompProfile_restricted", "seccompProfile_baseline", RestrictedChecks::seccomp));

    private static final Set<String> VOLUMES = Set.of(
            "configMap",
            "csi",
            "downwardAPI",
            "emptyDir",
            "ephemeral",
            "image",
            "persistentVolumeClaim",
            "projected",
            "secret");
    private static final Set<String> CAPABILITIES = Set.of("NET_BIND_SERVICE");
    private static final Set<String> SECCOMP = Set.of("RuntimeDefault", "Localhost");

    private RestrictedChecks() {}

    private static Optional<Violation> escalation(JsonNode metadata, JsonNode spec) {
        if (isWindows(spec)) {
            return Optional.empty();
        }
        List<String> bad =
                names(spec, c -> security(c).path("allowPrivilegeEscalation").asBoolean(true));
        return setters(false, bad)
                .map(who -> new Violation(
                        "allowPrivilegeEscalation != false",
                        who + " must set securityContext.allowPrivilegeEscalation=false"));
    }

    private static Optional<Violation> capabilities(JsonNode metadata, JsonNode spec) {
        if (isWindows(spec)) {
            return Optional.empty();
        }
        var forbidden = new TreeSet<String>();
        List<String> keeping = names(spec, c -> !dropsAll(c));
        List<String> adding = names(spec, c -> BaselineChecks.addsBeyond(c, CAPABILITIES, forbidden));
        var details = new ArrayList<String>();
        if (!keeping.isEmpty()) {
            details.add(containers(keeping) + " must set securityContext.capabilities.drop=[\"ALL\"]");
        }
        if (!adding.isEmpty()) {
            details.add(containers(adding) + " must not include " + quoted(forbidden)
                    + " in securityContext.capabilities.add");
        }
        return details.isEmpty()
                ? Optional.empty()
                : Violation.of("unrestricted capabilities", String.join("; ", details));
    }

    private static boolean dropsAll(JsonNode container) {
        return security(container)
                .path("capabilities")
                .path("drop")
                .valueStream()
                .anyMatch(capability -> capability.asText().equals("ALL"));
    }

    private static Optional<Violation> volumes(JsonNode metadata, JsonNode spec) {
        var bad = new ArrayList<String>();
        var types = new TreeSet<String>();
        for (JsonNode volume : spec.path("volumes")) {
            List<String> used = volume.properties().stream()
                    .filter(entry ->
                            !entry.getKey().equals("name") && !entry.getValue().isNull())
                    .map(Map.Entry::getKey)
                    .filter(type -> !VOLUMES.contains(type))
                    .toList();
            if (!used.isEmpty()) {
                bad.add(PodParts.name(volume));
                types.addAll(used);
            }
        }
        return bad.isEmpty()
                ? Optional.empty()
                : Violation.of(
                        "restricted volume types",
                        plural("volume", bad.size()) + " " + quoted(bad) + (bad.size() == 1 ? " uses" : " use")
                                + " restricted volume " + plural("type", types.size()) + " " + quoted(types));
    }

    private static Optional<Violation> runAsNonRoot(JsonNode metadata, JsonNode spec) {
        JsonNode pod = security(spec).path("runAsNonRoot");
        List<String> explicit = names(spec, c -> isFalse(security(c).path("runAsNonRoot")));
        Optional<String> setters = setters(isFalse(pod), explicit);
        if (setters.isPresent()) {
            return setters.map(who ->
                    new Violation("runAsNonRoot != true", who + " must not set securityContext.runAsNonRoot=false"));
        }
        List<String> silent = names(spec, c -> !security(c).path("runAsNonRoot").isBoolean());
        return pod.asBoolean() || silent.isEmpty()
                ? Optional.empty()
                : Violation.of(
                        "runAsNonRoot != true",
                        "pod or " + containers(silent) + " must set securityContext.runAsNonRoot=true");
    }

    private static boolean isFalse(JsonNode node) {
        return node.isBoolean() && !node.asBoolean();
    }

    private static Optional<Violation> runAsUser(JsonNode metadata, JsonNode spec) {
        return setters(isRoot(spec), names(spec, RestrictedChecks::isRoot))
                .map(who -> new Violation("runAsUser=0", who + " must not set runAsUser=0"));
    }

    private static boolean isRoot(JsonNode podOrContainer) {
        JsonNode user = security(podOrContainer).path("runAsUser");
        return user.isNumber() && user.asLong() == 0;
    }

    private static Optional<Violation> seccomp(JsonNode metadata, JsonNode spec) {
        if (isWindows(spec)) {
            return Optional.empty();
        }
        Optional<String> setters =
                setters(BaselineChecks.isUnconfined(spec), names(spec, BaselineChecks::isUnconfined));
        if (setters.isPresent()) {
            return setters.map(who -> new Violation(
                    "seccompProfile", who + " must not set securityContext.seccompProfile.type to \"Unconfined\""));
        }
        List<String> silent = names(spec, c -> !isConfined(c));
        return isConfined(spec) || silent.isEmpty()
                ? Optional.empty()
                : Violation.of(
                        "seccompProfile",
                        "pod or " + containers(silent)
                                + " must set securityContext.seccompProfile.type to \"RuntimeDefault\" or"
                                + " \"Localhost\"");
    }

    private static boolean isConfined(JsonNode podOrContainer) {
        return SECCOMP.contains(
                security(podOrContainer).path("seccompProfile").path("type").asText(""));
    }
}
