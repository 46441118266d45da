package io.insula.isolation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.Pod;
import io.insula.isolation.HostWorkload.HostPod;
import io.insula.isolation.HostWorkload.Unsupported;
import io.insula.rules.podsecurity.PodSecurityCases;
import io.insula.rules.podsecurity.PodSecurityCases.Case;
import io.insula.rules.podsecurity.PodSecurityLevel;
import io.insula.tenantapi.api.Json;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// The second wall stands where the first does: what is rendered for the host judges pods as the translation does, and
/// so as upstream does. Annotations are another matter: none of the tenant's own are carried over.
class HostPolicyTest {

    /// What tenants are served, and what a host has at least.
    private static final int RELEASE = 34;

    private static final Map<String, String> TENANTS_NAMESPACE = Map.of(HostPolicy.ALLOWED, "other,p");
    private static final Profiles PROFILES = Beans.withMadeUp();
    private static final RenderedPolicy TENANTS = new RenderedPolicy(HostPolicy.tenants(PROFILES));

    static Stream<Object[]> profiles() {
        return PROFILES.sandboxes().stream()
                .filter(sandbox -> sandbox.form() == Sandbox.Form.POD)
                .flatMap(sandbox -> Arrays.stream(PodSecurityLevel.values())
                        .map(level -> new Object[] {sandbox.wireName(), level}));
    }

    /// Upstream's pods, each made complete by hand as somebody would who has the syncer's credential.
    @ParameterizedTest
    @MethodSource("profiles")
    void refusesWhatTheTranslationRefusesAndNothingElse(String sandbox, PodSecurityLevel level) {
        var settings = settings(sandbox, level);
        var policy = new RenderedPolicy(HostPolicy.spec(settings, HostFacts.NONE));
        var differences = new ArrayList<String>();
        int refused = 0;
        for (Case test : PodSecurityCases.all()) {
            if (test.onlyFrom() > RELEASE) {
                continue;
            }
            boolean upstream =
                    test.at(RELEASE).by(settings.enforcedPodSecurity()).isEmpty();
            var translated = translate(typed(test.pod()), settings);
            var said = said(policy, completed(test.pod(), settings));
            refused += said.isEmpty() ? 0 : 1;
            if (!upstream && said.isEmpty()) {
                differences.add(test + ": upstream refuses it");
            }
            if (translated instanceof Unsupported(var field, var reason) && said.isEmpty()) {
                differences.add(test + ": the translation refuses " + field + ": " + reason);
            }
            if (translated instanceof HostPod
                    && !said.isEmpty()
                    && test.pod().at("/metadata/annotations").isEmpty()) {
                differences.add(test + ": the host refuses " + said);
            }
        }
        assertThat(differences).as(differences.size() + " differences").isEmpty();
        assertThat(refused).isBetween(20, PodSecurityCases.all().size() - 20);
    }

    @ParameterizedTest
    @MethodSource("profiles")
    void admitsWhatTheTranslationMakes(String sandbox, PodSecurityLevel level) {
        var settings = settings(sandbox, level);
        var policy = new RenderedPolicy(HostPolicy.spec(settings, HostFacts.NONE));
        var refused = new ArrayList<String>();
        int made = 0;
        for (Case test : PodSecurityCases.all()) {
            if (translate(typed(test.pod()), settings) instanceof HostPod(var pod)) {
                made++;
                var said = said(policy, synced(Json.MAPPER.valueToTree(pod), settings));
                if (!said.isEmpty()) {
                    refused.add(test + ": " + said);
                }
            }
        }
        assertThat(refused).as(refused.size() + " refused").isEmpty();
        assertThat(made).isGreaterThan(20);
    }

    /// What a LimitRange would be for, of a pod that somebody writes past the translation: RATIONALE of control-plane.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "hard      | {requests: {cpu: \"1\", memory: 1Gi}} | limits.cpu limits.memory requests.cpu requests.memory",
                "hard      | {} | limits.cpu limits.memory",
                "hard      | {limits: {cpu: \"1\", memory: 1Gi}} | requests.cpu requests.memory",
                "hard      | {limits: {cpu: \"0\", memory: 1Gi}, requests: {cpu: \"0\", memory: 1Gi}} | limits.cpu",
                "hard      | {limits: {cpu: \"2\", memory: 1Gi}, requests: {cpu: \"1\", memory: 1Gi}} | requests.cpu",
                "hard      | {limits: {cpu: \"1\", memory: 1Gi}, requests: {cpu: \"1\", memory: 1Gi}} | ''",
                "burstable | {limits: {cpu: \"3\", memory: 1Gi}, requests: {cpu: \"1\", memory: 1Gi}} | requests.cpu",
                "burstable | {limits: {cpu: \"2\", memory: 1Gi}, requests: {cpu: \"1\", memory: 1Gi}} | ''"
            })
    void refusesAmountsThatTheTranslationNeverMakes(String mode, String resources, String want) {
        Map<String, ?> amounts = mode.equals("hard") ? Map.of("mode", mode) : Map.of("mode", mode, "maxRatio", 2);
        var settings = PROFILES.settings("p", Map.of("sandbox", "runc", "resources", amounts));
        var policy = new RenderedPolicy(HostPolicy.spec(settings, HostFacts.NONE));
        var plain = Yaml.pod("metadata: {name: a, namespace: b}\nspec: {containers: [{name: c, image: i}]}");
        var made = synced(Json.MAPPER.valueToTree(((HostPod) translate(plain, settings)).pod()), settings);
        assertThat(said(policy, made)).isEmpty();

        ((ObjectNode) made.at("/spec/containers/0")).set("resources", Yaml.read(resources, JsonNode.class));

        assertThat(said(policy, made).stream()
                        .map(text -> text.replaceAll(".*spec.containers.resources.(\\w+.\\w+):.*", "$1")))
                .containsExactlyInAnyOrder(want.isEmpty() ? new String[0] : want.split(" ", -1));
    }

    /// A profile of one class has both walls.
    @Test
    void holdsPodsOfAMadeUpProfileOnTheHost() {
        var toy = PROFILES.sandboxes().stream()
                .filter(sandbox -> sandbox.wireName().equals("toy"))
                .findFirst()
                .orElseThrow();
        var settings = PROFILES.settings("p", spec(HostManifests.profile(toy)));
        var policy = new RenderedPolicy(HostPolicy.spec(settings, HostFacts.NONE));
        var pod = Yaml.pod("metadata: {name: a, namespace: b}\nspec: {containers: [{name: c, image: i}]}");

        assertThat(translate(pod, settings)).isInstanceOf(HostPod.class);
        var made = synced(Json.MAPPER.valueToTree(((HostPod) translate(pod, settings)).pod()), settings);
        assertThat(made.at("/spec/runtimeClassName").asText()).isEqualTo("toy-box");
        assertThat(said(policy, made)).isEmpty();

        var outside = made.deepCopy();
        ((ObjectNode) outside.at("/spec/containers/0"))
                .putArray("envFrom")
                .addObject()
                .put("prefix", "A");
        assertThat(said(policy, outside))
                .containsExactly("isolation profile \"p\": spec.containers.envFrom: a toy has no environment");
        var elsewhere = made.deepCopy();
        elsewhere.withObject("/spec").put("runtimeClassName", "kata");
        elsewhere.withObject("/spec/nodeSelector").put("insula.io/toys", "false");
        assertThat(said(policy, elsewhere))
                .containsExactly(
                        "isolation profile \"p\": spec.runtimeClassName: must be \"toy-box\"",
                        "isolation profile \"p\": spec.nodeSelector[insula.io/toys]: must be \"true\"");
        var configuring = made.deepCopy();
        configuring.withObject("/metadata/annotations").put("io.example.toy.wheels", "5");
        assertThat(said(policy, configuring)).containsExactly("metadata.annotations: speak to the container runtime");
        var anothers = made.deepCopy();
        anothers.withObject("/metadata/annotations").put(HostPolicy.PROFILE, "q");
        assertThat(said(policy, anothers))
                .containsExactly("metadata.annotations[insula.io/profile]: is no isolation profile of this tenant");
    }

    private static ProfileSettings settings(String sandbox, PodSecurityLevel level) {
        return PROFILES.settings(
                "p", Map.of("sandbox", sandbox, "podSecurity", level.label(), "localhostProfiles", true));
    }

    private static HostWorkload translate(Pod pod, ProfileSettings settings) {
        return PROFILES.translate(pod, TenantProfiles.only(settings)).workload();
    }

    /// Of all that judges a new pod of a tenant.
    private static List<String> said(RenderedPolicy policy, JsonNode pod) {
        var said = new ArrayList<>(policy.refusals(pod, TENANTS_NAMESPACE));
        said.addAll(TENANTS.refusals(pod, TENANTS_NAMESPACE));
        return said;
    }

    /// With what the translation adds to every pod, but for what it makes safer.
    private static ObjectNode completed(ObjectNode pod, ProfileSettings settings) {
        ObjectNode completed = signed(pod, settings);
        ObjectNode spec = completed.withObject("/spec");
        if (!settings.runtimeClassName().isEmpty()) {
            spec.put("runtimeClassName", settings.runtimeClassName());
        }
        spec.put("priorityClassName", settings.priorityClassName());
        settings.nodePool().selector().forEach(spec.withObject("/nodeSelector")::put);
        for (var field : List.of("initContainers", "containers")) {
            for (JsonNode container : spec.path(field)) {
                for (var amounts : List.of("requests", "limits")) {
                    ((ObjectNode) container)
                            .withObject("/resources/" + amounts)
                            .put("cpu", "1")
                            .put("memory", "1Gi");
                }
            }
        }
        return completed;
    }

    /// As the syncer writes it.
    private static ObjectNode synced(ObjectNode pod, ProfileSettings settings) {
        ObjectNode copy = signed(pod, settings);
        copy.withObject("/metadata").putObject("annotations").put(HostPolicy.PROFILE, settings.name());
        return copy;
    }

    /// With what the syncer adds to every pod.
    private static ObjectNode signed(ObjectNode pod, ProfileSettings settings) {
        ObjectNode copy = pod.deepCopy();
        copy.withObject("/metadata/annotations").put(HostPolicy.PROFILE, settings.name());
        copy.withObject("/spec").put("automountServiceAccountToken", false);
        return copy;
    }

    @SuppressWarnings("unchecked")
    private static Map<String, ?> spec(Map<String, Object> manifest) {
        return (Map<String, ?>) Objects.requireNonNull(manifest.get("spec"));
    }

    private static Pod typed(JsonNode pod) {
        return Yaml.pod(pod.toString());
    }
}
