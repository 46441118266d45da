package io.insula.node.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewBuilder;
import io.insula.node.containerd.TestContainerd;
import io.insula.tenantapi.conformance.Conformance;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/// What containers are started as and are told by their environment, as upstream's conformance tests look at
/// it: each in a container of one pod.
@ExtendWith(SharedNode.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class EnvironmentConformanceTest {

    private static final String NODE = " [NodeConformance] [Conformance]";
    private static final String EXPANSION = "[sig-node] Variable Expansion should ";
    private static final String DOWNWARD = "[sig-node] Downward API should provide ";
    private static final String CONTAINERS = "[sig-node] Containers should ";
    private static final Map<String, String> DATA =
            Map.of("data-1", "value-1", "data-2", "value-2", "data-3", "value-3");
    private static final List<String> PREFIXES = List.of("", "p-", "1-", "$_-", "ABC_", "#@!");

    private final TestNode node;
    private Pod pod = new Pod();

    EnvironmentConformanceTest(TestNode node) {
        this.node = node;
    }

    @BeforeAll
    void runPod() {
        TestContainerd.loadEcho(node.containerd());
        node.configMap("environment-map", DATA, Map.of());
        node.secret(TestNode.NAMESPACE, "environment-secret", DATA);
        node.client()
                .resource(new ServiceBuilder()
                        .withNewMetadata()
                        .withName("fooservice")
                        .withNamespace(TestNode.NAMESPACE)
                        .endMetadata()
                        .withNewSpec()
                        .addNewPort()
                        .withPort(8765)
                        .withNewTargetPort(8080)
                        .endPort()
                        .endSpec()
                        .build())
                .create();
        node.create("environment", Map.of("mysubpath", "mypath"), """
                {restartPolicy: Never, volumes: [{name: work, emptyDir: {}},
                  {name: account, projected: {sources: [{serviceAccountToken: {path: token, expirationSeconds: 3600}}]}}], containers: [
                 {name: account, image: IMAGE, volumeMounts: [{name: account, mountPath: /own, readOnly: true}], command: [sh, -c,
                  'cd /var/run/secrets/kubernetes.io/serviceaccount; for f in token namespace /own/token ca.crt; do cat $f; echo; done']},
                 {name: told, image: IMAGE, command: [env], resources: {requests: {cpu: 250m, memory: 32Mi}, limits: {cpu: 1250m, memory: 64Mi}}, env: [
                  {name: CONFIG_DATA_1, valueFrom: {configMapKeyRef: {name: environment-map, key: data-1}}},
                  {name: SECRET_DATA, valueFrom: {secretKeyRef: {name: environment-secret, key: data-1}}},
                  {name: FOO, value: foo-value}, {name: BAR, value: bar-value}, {name: FOOBAR, value: '$(FOO);;$(BAR)'},
                  %s, %s]},
                 {name: free, image: IMAGE, command: [env], env: [%s]},
                 {name: maps, image: IMAGE, command: [env], envFrom: [%s]},
                 {name: secrets, image: IMAGE, command: [env], envFrom: [%s]},
                 {name: expanding-command, image: IMAGE, command: [sh, -c, 'TEST_VAR=wrong echo "$(TEST_VAR)"'], env: [{name: TEST_VAR, value: test-value}]},
                 {name: expanding-args, image: IMAGE, command: [sh, -c], args: ['TEST_VAR=wrong echo "$(TEST_VAR)"'], env: [{name: TEST_VAR, value: test-value}]},
                 {name: expanding-path, image: IMAGE, command: [sh, -c, 'touch /all/mypath/foo/test.log; test -f /sub/test.log && test -d /all/environment; echo $?'],
                  env: [{name: NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}, {name: FOO, value: foo},
                   {name: ANNOTATION, valueFrom: {fieldRef: {fieldPath: "metadata.annotations['mysubpath']"}}}],
                  volumeMounts: [{name: work, mountPath: /named, subPathExpr: $(NAME)}, {name: work, mountPath: /sub, subPathExpr: $(ANNOTATION)/$(FOO)},
                   {name: work, mountPath: /all}]},
                 {name: image-defaults, image: ECHO}, {name: own-args, image: ECHO, args: [override, arguments]},
                 {name: own-command, image: ECHO, command: [/bin/echo, replaced]},
                 {name: own-both, image: ECHO, command: [/bin/echo, replaced], args: [override, arguments]}]}
                """.formatted(
                        resources("limits", "requests"),
                        fields(),
                        resources("limits"),
                        from("configMapRef", "environment-map"),
                        from("secretRef", "environment-secret"))
                .replace("ECHO", "'" + TestContainerd.ECHO + "'"));
        pod = node.awaitPhase("environment", "Succeeded");
    }

    private static String resources(String... bounds) {
        return Stream.of(bounds)
                .flatMap(bound -> Stream.of("cpu", "memory").map(resource -> bound + "." + resource))
                .map(name -> "{name: %s, valueFrom: {resourceFieldRef: {resource: %s}}}".formatted(name, name))
                .collect(Collectors.joining(", "));
    }

    private static String fields() {
        return Stream.of(
                        "metadata.name",
                        "metadata.namespace",
                        "metadata.uid",
                        "status.podIP",
                        "status.hostIP",
                        "status.hostIPs")
                .map(path -> "{name: %s, valueFrom: {fieldRef: {fieldPath: %s}}}".formatted(path, path))
                .collect(Collectors.joining(", "));
    }

    private static String from(String kind, String name) {
        return PREFIXES.stream()
                .map(prefix -> "{prefix: '%s', %s: {name: %s}}".formatted(prefix, kind, name))
                .collect(Collectors.joining(", "));
    }

    @AfterAll
    void end() {
        node.end("environment");
    }

    private List<String> said(String container) {
        return node.log("environment", container).lines().toList();
    }

    @Test
    @Conformance(
            value = {
                "[sig-node] ConfigMap should be consumable via environment variable" + NODE,
                "[sig-node] Secrets should be consumable from pods in env vars" + NODE
            },
            weaker = Conformance.NOTHING)
    void tellsOneValue() {
        assertThat(said("told")).contains("CONFIG_DATA_1=value-1", "SECRET_DATA=value-1");
    }

    @Test
    @Conformance(
            value = {
                "[sig-node] ConfigMap should be consumable via the environment" + NODE,
                "[sig-node] ConfigMap should be consumable as environment variable names with various prefixes"
                        + " [Conformance]",
                "[sig-node] Secrets should be consumable via the environment" + NODE,
                "[sig-node] Secrets should be consumable as environment variable names variable names with various prefixes"
                        + " [Conformance]"
            },
            weaker = Conformance.NOTHING)
    void tellsAllValuesByWhateverPrefix() {
        for (String container : List.of("maps", "secrets")) {
            for (String prefix : PREFIXES) {
                DATA.forEach((key, value) -> assertThat(said(container)).contains(prefix + key + "=" + value));
            }
        }
    }

    @Test
    @Conformance(
            value = {
                DOWNWARD + "pod name, namespace and IP address as env vars" + NODE,
                DOWNWARD + "pod UID as env vars" + NODE,
                DOWNWARD + "host IP as an env var" + NODE,
                DOWNWARD + "hostIPs as an env var" + NODE
            },
            weaker = Conformance.NOTHING)
    void tellsOfThePodAndItsNode() {
        assertThat(said("told"))
                .contains(
                        "metadata.name=environment",
                        "metadata.namespace=" + TestNode.NAMESPACE,
                        "metadata.uid=" + pod.getMetadata().getUid(),
                        "status.podIP=" + pod.getStatus().getPodIP(),
                        "status.hostIP=127.0.0.1",
                        "status.hostIPs=127.0.0.1");
        assertThat(pod.getStatus().getPodIP()).contains(".");
    }

    @Test
    @Conformance(
            value = {
                DOWNWARD + "container's limits.cpu/memory and requests.cpu/memory as env vars" + NODE,
                DOWNWARD + "default limits.cpu/memory from node allocatable" + NODE
            },
            weaker = Conformance.NOTHING)
    void tellsOfResources() {
        assertThat(said("told"))
                .contains(
                        "limits.cpu=2",
                        "limits.memory=" + (64 << 20),
                        "requests.cpu=1",
                        "requests.memory=" + (32 << 20));
        assertThat(said("free")).as("what the node has").contains("limits.cpu=2", "limits.memory=" + (4L << 30));
    }

    @Test
    @Conformance(
            value = "[sig-node] Pods should contain environment variables for services" + NODE,
            weaker = Conformance.NOTHING)
    void tellsOfServices() {
        String address = node.client()
                .services()
                .inNamespace(TestNode.NAMESPACE)
                .withName("fooservice")
                .require()
                .getSpec()
                .getClusterIP();
        assertThat(said("told"))
                .contains(
                        "FOOSERVICE_SERVICE_HOST=" + address,
                        "FOOSERVICE_SERVICE_PORT=8765",
                        "FOOSERVICE_PORT=tcp://" + address + ":8765",
                        "FOOSERVICE_PORT_8765_TCP_PORT=8765",
                        "FOOSERVICE_PORT_8765_TCP_PROTO=tcp",
                        "FOOSERVICE_PORT_8765_TCP=tcp://" + address + ":8765",
                        "FOOSERVICE_PORT_8765_TCP_ADDR=" + address);
    }

    @Test
    @Conformance(
            value = {
                EXPANSION + "allow composing env vars into new env vars" + NODE,
                EXPANSION + "allow substituting values in a container's command" + NODE,
                EXPANSION + "allow substituting values in a container's args" + NODE
            },
            weaker = Conformance.NOTHING)
    void expandsVariables() {
        assertThat(said("told")).contains("FOO=foo-value", "BAR=bar-value", "FOOBAR=foo-value;;bar-value");
        assertThat(said("expanding-command")).containsExactly("test-value");
        assertThat(said("expanding-args")).containsExactly("test-value");
    }

    @Test
    @Conformance(
            value = {
                EXPANSION + "allow substituting values in a volume subpath [Conformance]",
                EXPANSION + "succeed in writing subpaths in container [Conformance]"
            },
            weaker = {Conformance.NOTHING, "changes the annotation while the pod runs, and sees it run on"})
    void expandsPathsInVolumes() {
        assertThat(said("expanding-path")).containsExactly("0");
    }

    /// Until then its path would be absolute. What it is made of later changes nothing that runs.
    @Test
    @Conformance(
            value = {
                EXPANSION
                        + "verify that a failing subpath expansion can be modified during the lifecycle of a container"
                        + " [Slow] [Conformance]",
                EXPANSION + "succeed in writing subpaths in container [Conformance]"
            },
            weaker = Conformance.NOTHING)
    void waitsForWhatAPathIsMadeOf() {
        node.create("environment-later", """
                {restartPolicy: Never, terminationGracePeriodSeconds: 0, volumes: [{name: work, emptyDir: {}}], containers: [
                 {name: main, image: IMAGE, command: [sleep, '10000'], env: [{name: NAME, value: foo},
                   {name: ANNOTATION, valueFrom: {fieldRef: {fieldPath: "metadata.annotations['mysubpath']"}}}],
                  volumeMounts: [{name: work, mountPath: /sub, subPathExpr: $(ANNOTATION)/$(NAME)}, {name: work, mountPath: /all}]}]}
                """);
        Pod waiting =
                node.await("environment-later", p -> TestNode.waits(p, "main").equals("CreateContainerConfigError"));
        assertThat(waiting.getStatus().getPhase()).isEqualTo("Pending");
        annotate("mypath");
        node.awaitReady("environment-later");
        node.exec("environment-later", "main", "touch /all/mypath/foo/test.log && test -f /sub/test.log");
        annotate("mynewpath");
        node.exec("environment-later", "main", "test -f /sub/test.log");
        assertThat(TestNode.status(node.get("environment-later"), "main").getRestartCount())
                .isZero();
        assertThat(node.get("environment-later").getStatus().getPhase()).isEqualTo("Running");
        node.end("environment-later");
    }

    private void annotate(String path) {
        node.client()
                .pods()
                .inNamespace(TestNode.NAMESPACE)
                .withName("environment-later")
                .edit(p -> new PodBuilder(p)
                        .editMetadata()
                        .addToAnnotations("mysubpath", path)
                        .endMetadata()
                        .build());
    }

    @Test
    @Conformance(
            value = {
                "[sig-auth] ServiceAccounts should mount an API token into pods [Conformance]",
                "[sig-auth] ServiceAccounts should mount projected service account token [Conformance]"
            },
            weaker = Conformance.NOTHING)
    void tellsWhoItIs() {
        List<String> told = said("account");
        assertThat(told.get(1)).isEqualTo(TestNode.NAMESPACE);
        assertThat(told.get(2)).matches("[\\w-]+\\.[\\w-]+\\.[\\w-]+");
        String authority = node.client()
                .configMaps()
                .inNamespace(TestNode.NAMESPACE)
                .withName("kube-root-ca.crt")
                .require()
                .getData()
                .getOrDefault("ca.crt", "");
        assertThat(String.join("\n", told.subList(3, told.size())).strip()).isEqualTo(authority.strip());

        var review = node.client()
                .resource(new TokenReviewBuilder()
                        .withNewSpec()
                        .withToken(told.getFirst())
                        .endSpec()
                        .build())
                .create()
                .getStatus();
        assertThat(review.getAuthenticated()).isTrue();
        assertThat(review.getUser().getUsername()).isEqualTo("system:serviceaccount:shop:default");
        assertThat(review.getUser().getGroups())
                .contains("system:authenticated", "system:serviceaccounts", "system:serviceaccounts:shop");
        String about = "authentication.kubernetes.io/";
        var node0 = node.client().nodes().withName(node.name()).require();
        assertThat(review.getUser().getExtra())
                .containsEntry(about + "pod-name", List.of("environment"))
                .containsEntry(about + "pod-uid", List.of(pod.getMetadata().getUid()))
                .containsEntry(about + "node-name", List.of(node.name()))
                .containsEntry(about + "node-uid", List.of(node0.getMetadata().getUid()));
        assertThat(review.getUser().getExtra().get(about + "credential-id"))
                .singleElement()
                .asString()
                .startsWith("JTI=");
    }

    @Test
    @Conformance(
            value = {
                EXPANSION + "fail substituting values in a volume subpath with backticks [Conformance]",
                EXPANSION + "fail substituting values in a volume subpath with absolute path [Conformance]"
            },
            weaker = Conformance.NOTHING)
    void refusesPathsThatLeadOutOfTheVolume() {
        node.create("environment-astray", """
                {restartPolicy: Never, terminationGracePeriodSeconds: 0, volumes: [{name: work, emptyDir: {}}], containers: [
                 {name: up, image: IMAGE, env: [{name: P, value: ..}], volumeMounts: [{name: work, mountPath: /w, subPathExpr: $(P)}]},
                 {name: absolute, image: IMAGE, env: [{name: P, value: /tmp}], volumeMounts: [{name: work, mountPath: /w, subPathExpr: $(P)}]}]}
                """);
        node.await(
                "environment-astray",
                p -> Stream.of("up", "absolute")
                        .allMatch(name -> TestNode.waits(p, name).equals("CreateContainerConfigError")));
        node.end("environment-astray");
    }

    @Test
    @Conformance(
            value = {
                CONTAINERS + "use the image defaults if command and args are blank" + NODE,
                CONTAINERS + "be able to override the image's default arguments (container cmd)" + NODE,
                CONTAINERS + "be able to override the image's default command (container entrypoint)" + NODE,
                CONTAINERS + "be able to override the image's default command and arguments" + NODE
            },
            weaker = Conformance.NOTHING)
    void startsWhatTheImageAndThePodSay() {
        assertThat(said("image-defaults")).containsExactly("entrypoint default arguments");
        assertThat(said("own-args")).containsExactly("entrypoint override arguments");
        assertThat(said("own-command")).containsExactly("replaced");
        assertThat(said("own-both")).containsExactly("replaced override arguments");
    }
}
