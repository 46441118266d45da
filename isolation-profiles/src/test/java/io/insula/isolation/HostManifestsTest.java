package io.insula.isolation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// `deploy/` shows what the profiles declare; `-Dupdate.golden` writes it.
class HostManifestsTest {

    private static final Path DEPLOY = Path.of("../deploy");
    private static final boolean UPDATE = System.getProperty("update.golden") != null;
    private static final Pattern ENUM = Pattern.compile("(?<=HostManifestsTest \\(-Dupdate.golden\\)\\n {16}enum: ).*");
    private static final String HEAD =
            "# Rendered from the isolation profiles by HostManifestsTest (-Dupdate.golden): do not edit.\n";
    private static final ObjectMapper YAML = YAMLMapper.builder()
            .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
            .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
            .build();

    @Test
    void showsEveryDefaultProfileAndNoOther() throws IOException {
        var wanted = new TreeMap<String, String>();
        for (var profile : HostManifests.profiles(Beans.profiles())) {
            wanted.put(YAML.valueToTree(profile).path("metadata").path("name").asText() + ".yaml", render(profile));
        }
        assertThat(wanted)
                .containsKeys(
                        "runc.yaml", "trusted.yaml", "sandboxed.yaml", "hardened.yaml", "microvm.yaml", "machine.yaml");
        check(DEPLOY.resolve("profiles"), wanted);
    }

    @Test
    void showsEveryRuntimeClassAndNoOther() throws IOException {
        var wanted = new TreeMap<String, String>();
        for (var runtimeClass : HostManifests.runtimeClasses(Beans.profiles())) {
            wanted.put(
                    YAML.valueToTree(runtimeClass).path("metadata").path("name").asText() + ".yaml",
                    render(runtimeClass));
        }
        check(DEPLOY.resolve("runtimeclasses"), wanted);
    }

    @Test
    void theDefinitionKnowsEverySandbox() throws IOException {
        var file = DEPLOY.resolve("crds/isolationprofiles.yaml");
        var text = Files.readString(file);
        var wanted = withSandboxes(text, Beans.profiles());
        if (UPDATE) {
            Files.writeString(file, wanted);
        }
        assertThat(Files.readString(file)).isEqualTo(wanted);
        assertThat(ENUM.matcher(text).results()).hasSize(1);
    }

    /// What a host is given can be read, and means what the sandbox alone means.
    @Test
    void everyDefaultProfileSaysWhatItsSandboxDeclares() {
        for (var sandbox : Beans.sandboxes()) {
            var spec = Objects.requireNonNull(
                    Yaml.tree(render(HostManifests.profile(sandbox))).get("spec"));
            var read = Beans.profiles().settings(sandbox.wireName(), asMap(spec));

            assertThat(read.sandbox()).isEqualTo(sandbox);
            assertThat(read.overhead()).isEqualTo(sandbox.overhead());
            assertThat(read.runtimeClassName()).isEqualTo(sandbox.runtimeClassName());
            assertThat(read.podSecurity()).isEqualTo(sandbox.podSecurity());
            assertThat(read.nodePool().selector()).isEqualTo(sandbox.nodes());
        }
    }

    /// Each can be read, keeps its sandbox's floor, and takes what it is for.
    @Test
    void namedProfilesAreForWhatTheySay() {
        var plain = Yaml.pod("metadata: {name: a, namespace: b}\nspec: {containers: [{name: c, image: i}]}");
        var careful = Yaml.pod("""
                metadata: {name: a, namespace: b}
                spec:
                  securityContext: {runAsNonRoot: true, runAsUser: 1000, seccompProfile: {type: RuntimeDefault}}
                  containers:
                  - {name: c, image: i, securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}}
                """);
        var named = NamedProfiles.of(Beans.profiles().sandboxes());
        assertThat(named).hasSize(5);
        for (var profile : named) {
            var name = YAML.valueToTree(profile).path("metadata").path("name").asText();
            var settings = Beans.profiles().settings(name, asMap(Objects.requireNonNull(profile.get("spec"))));
            assertThat(settings.overhead())
                    .as(name)
                    .isEqualTo(settings.sandbox().overhead());
            assertThat(settings.nodePool().selector())
                    .as(name)
                    .isEqualTo(settings.sandbox().nodes());
            assertThat(settings.network().metadata() || settings.network().nodes())
                    .as(name)
                    .isFalse();
            var tenant = TenantProfiles.only(settings);
            assertThat(Beans.profiles().translate(careful, tenant).workload())
                    .as(name)
                    .isNotInstanceOf(HostWorkload.Unsupported.class);
            assertThat(Beans.profiles().translate(plain, tenant).workload() instanceof HostWorkload.Unsupported)
                    .as(name)
                    .isEqualTo(name.equals("hardened"));
        }
        assertThat(NamedProfiles.of(List.of()))
                .as("of sandboxes that are not there")
                .isEmpty();
    }

    /// One class is all that a new profile is, in its test sources as anywhere.
    @Test
    void aProfileOfOneClassIsWhereverTheOthersAre() {
        var profiles = Beans.withMadeUp();
        var toy = profiles.sandboxes().stream()
                .filter(sandbox -> sandbox.wireName().equals("toy"))
                .findFirst()
                .orElseThrow();

        assertThat(withSandboxes("HostManifestsTest (-Dupdate.golden)\n                enum: []\n", profiles))
                .contains("enum: ["
                        + String.join(
                                ", ",
                                Stream.concat(Beans.sandboxes().stream().map(Sandbox::wireName), Stream.of("toy"))
                                        .sorted()
                                        .toList())
                        + "]");
        assertThat(render(HostManifests.profile(toy))).isEqualTo(HEAD + """
                apiVersion: tenancy.insula.io/v1alpha1
                kind: IsolationProfile
                metadata:
                  name: toy
                spec:
                  sandbox: toy
                  podSecurity: baseline
                  resources:
                    mode: hard
                  nodePool:
                    selector:
                      insula.io/toys: "true"
                  overhead:
                    cpu: 1m
                    memory: 2Mi
                """);
        assertThat(HostManifests.runtimeClasses(profiles).stream().map(HostManifestsTest::render))
                .contains(HEAD + """
                        apiVersion: node.k8s.io/v1
                        kind: RuntimeClass
                        metadata:
                          name: toy-box
                        handler: toyd
                        overhead:
                          podFixed:
                            cpu: 1m
                            memory: 2Mi
                        scheduling:
                          nodeSelector:
                            insula.io/toys: "true"
                        """);
        assertThat(HostPolicy.tenants(profiles).toString()).contains("io.example.toy.");
        assertThat(HostPolicy.tenants(Beans.profiles()).toString()).doesNotContain("io.example.toy.");
        var settings = profiles.settings("p", Map.of("sandbox", "toy"));
        assertThat(HostPolicy.spec(settings, HostFacts.NONE).toString())
                .contains("toy-box")
                .contains("spec.containers.envFrom: a toy has no environment");
        var pod = Yaml.pod("metadata: {name: a, namespace: b}\nspec: {containers: [{name: c, image: i}]}");
        assertThat(profiles.translate(pod, TenantProfiles.only(settings)).workload())
                .isInstanceOfSatisfying(
                        HostWorkload.HostPod.class,
                        host -> assertThat(host.pod().getSpec().getRuntimeClassName())
                                .isEqualTo("toy-box"));
        var devices = Yaml.pod(
                "metadata: {name: a, namespace: b}\nspec: {containers: [{name: c, image: i, envFrom: [{prefix: A}]}]}");
        assertThat(profiles.translate(devices, TenantProfiles.only(settings)).workload())
                .isEqualTo(new HostWorkload.Unsupported("spec.containers[0].envFrom", "a toy has no environment"));
    }

    private static void check(Path folder, Map<String, String> wanted) throws IOException {
        var found = new TreeMap<String, String>();
        try (var files = Files.list(folder)) {
            for (var file : files.toList()) {
                var name = file.getFileName().toString();
                if (UPDATE && !wanted.containsKey(name)) {
                    Files.delete(file);
                } else {
                    found.put(name, Files.readString(file));
                }
            }
        }
        if (UPDATE) {
            for (var each : wanted.entrySet()) {
                Files.writeString(folder.resolve(each.getKey()), each.getValue());
            }
            return;
        }
        assertThat(found).isEqualTo(wanted);
    }

    private static String withSandboxes(String definition, Profiles profiles) {
        return ENUM.matcher(definition)
                .replaceAll(profiles.sandboxes().stream()
                        .map(Sandbox::wireName)
                        .collect(Collectors.joining(", ", "[", "]")));
    }

    private static String render(Map<String, Object> tree) {
        try {
            return HEAD + YAML.writeValueAsString(tree);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @SuppressWarnings("unchecked")
    private static Map<String, ?> asMap(Object tree) {
        return (Map<String, ?>) tree;
    }
}
