package io.insula.controlplane.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.insula.controlplane.process.OneKafka;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// A new tenant is made of another one's backup while that one goes on: neither opens the other, and on the host they
/// have nothing in common.
final class CopyOfTenantTest {

    @RegisterExtension
    static final OneKafka KAFKA = new OneKafka();

    private static final Pattern TAKEN = Pattern.compile("backup ([0-9TZ]+-[0-9a-f]{4}) of tenant");

    @TempDir
    private Path home;

    @Test
    void makesANewTenantThatHasNothingInCommonWithTheOtherOne() {
        var terminal = new Terminal(home);
        try (var _ = InsulaService.start(ServicePlan.of(home).with(KAFKA.settings(home)), _ -> {})) {
            assertThat(terminal.type("tenant", "create", "acme").code()).isZero();
            try (KubernetesClient acme = terminal.client("acme");
                    KubernetesClient host = host(terminal)) {
                fill(acme);
                Patience.await("it runs", () -> isRunning(acme) && tokenOf(acme).isPresent());
                var matcher = TAKEN.matcher(terminal.insula("tenant", "backup", "acme"));
                assertThat(matcher.find()).isTrue();
                String before = onHost(host, "acme");

                refusesWhatIsNoNewTenant(terminal);
                assertThat(terminal.insula("tenant", "restore", "acme", matcher.group(1), "--as", "copy"))
                        .contains("tenant copy is made of " + matcher.group(1), "tenant kubeconfig copy");

                try (KubernetesClient copy = terminal.client("copy")) {
                    hasWhatWasThere(copy, acme);
                    Patience.await("it runs anew", () -> isRunning(copy));
                    hasPlacesOfItsOwn(copy, acme, host);
                    opensNeither(copy, acme);
                    copy.pods().inNamespace("default").withName("runner").delete();
                    Patience.await(
                            "it goes",
                            () -> host.pods()
                                    .inNamespace("insula-copy")
                                    .list()
                                    .getItems()
                                    .isEmpty());
                }
                assertThat(onHost(host, "acme")).as("nothing of it was touched").isEqualTo(before);
                assertThat(isRunning(acme)).isTrue();
                assertThat(terminal.insula("tenant", "delete", "copy")).contains("gone");
                assertThat(onHost(host, "acme")).isEqualTo(before);
            }
        }
    }

    private static void fill(KubernetesClient acme) {
        acme.resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withName("kept")
                        .withNamespace("default")
                        .endMetadata()
                        .addToData("a", "b")
                        .build())
                .create();
        acme.resource(new ServiceBuilder()
                        .withNewMetadata()
                        .withName("web")
                        .withNamespace("default")
                        .endMetadata()
                        .withNewSpec()
                        .withType("NodePort")
                        .addNewPort()
                        .withPort(80)
                        .endPort()
                        .endSpec()
                        .build())
                .create();
        acme.resource(new SecretBuilder()
                        .withNewMetadata()
                        .withName("robot")
                        .withNamespace("default")
                        .addToAnnotations("kubernetes.io/service-account.name", "default")
                        .endMetadata()
                        .withType("kubernetes.io/service-account-token")
                        .build())
                .create();
        acme.resource(new PodBuilder()
                        .withNewMetadata()
                        .withName("runner")
                        .withNamespace("default")
                        .endMetadata()
                        .withNewSpec()
                        .addNewContainer()
                        .withName("main")
                        .withImage("registry.example/app")
                        .endContainer()
                        .endSpec()
                        .build())
                .create();
    }

    private static void refusesWhatIsNoNewTenant(Terminal terminal) {
        assertThat(terminal.insula("tenant", "restore", "acme", "--as", "acme")).contains("expected: a new name");
        assertThat(terminal.type("tenant", "restore", "acme", "--as", "../acme").code())
                .isEqualTo(2);
        assertThat(terminal.type("tenant", "create", "taken", "--no-wait").code())
                .isZero();
        assertThat(terminal.insula("tenant", "restore", "acme", "--as", "taken"))
                .contains("already exists");
        assertThat(terminal.type("tenant", "delete", "taken").code()).isZero();
    }

    private static void hasWhatWasThere(KubernetesClient copy, KubernetesClient acme) {
        for (KubernetesClient each : List.of(copy, acme)) {
            assertThat(each.configMaps()
                            .inNamespace("default")
                            .withName("kept")
                            .get()
                            .getData())
                    .containsEntry("a", "b");
        }
        Patience.await(
                "pods are told whom to trust",
                () -> trusted(copy)
                        .filter(ca -> !Optional.of(ca).equals(trusted(acme)))
                        .isPresent());
    }

    private static Optional<String> trusted(KubernetesClient tenant) {
        return Optional.ofNullable(tenant.configMaps()
                        .inNamespace("default")
                        .withName("kube-root-ca.crt")
                        .get())
                .map(map -> map.getData().get("ca.crt"));
    }

    private static void hasPlacesOfItsOwn(KubernetesClient copy, KubernetesClient acme, KubernetesClient host) {
        for (String name : List.of("web", "kubernetes")) {
            Patience.await(
                    name + " has an address of its own",
                    () -> address(copy, name).isPresent()
                            && !address(copy, name).equals(address(acme, name)));
            assertThat(host.services().inNamespace("insula-copy").list().getItems())
                    .extracting(each -> each.getSpec().getClusterIP())
                    .contains(address(copy, name).orElseThrow());
        }
        int ofAcme = web(acme).getSpec().getPorts().getFirst().getNodePort();
        Patience.await("the node port is another one", () -> {
            Integer own = web(copy).getSpec().getPorts().getFirst().getNodePort();
            return own != null && own > 0 && own != ofAcme;
        });
        assertThat(host.pods().inNamespace("insula-copy").list().getItems())
                .singleElement()
                .satisfies(pod -> assertThat(pod.getMetadata().getName()).startsWith("runner-"));
    }

    /// UIDs and names are the same in both: only the keys tell them apart.
    private static void opensNeither(KubernetesClient copy, KubernetesClient acme) {
        Patience.await(
                "the copy's Secret has a token of its own", () -> tokenOf(copy).isPresent());
        String ofCopy = tokenOf(copy).orElseThrow();
        String ofAcme = tokenOf(acme).orElseThrow();
        assertThat(ofCopy).isNotEqualTo(ofAcme);
        refused(withToken(copy.getConfiguration(), ofAcme));
        refused(withToken(acme.getConfiguration(), ofCopy));
        refused(withToken(copy.getConfiguration(), boundToken(acme)));
        strange(withCertificate(copy.getConfiguration(), acme.getConfiguration()));
        strange(withCertificate(acme.getConfiguration(), copy.getConfiguration()));
        for (KubernetesClient each : List.of(copy, acme)) {
            try (KubernetesClient robot =
                    client(withToken(each.getConfiguration(), tokenOf(each).orElseThrow()))) {
                assertThatThrownBy(() -> robot.pods().inNamespace("default").list())
                        .as("it is known, and may do nothing")
                        .isInstanceOfSatisfying(
                                KubernetesClientException.class,
                                e -> assertThat(e.getCode()).isEqualTo(403));
            }
        }
    }

    private static String boundToken(KubernetesClient tenant) {
        return tenant.serviceAccounts()
                .inNamespace("default")
                .withName("default")
                .tokenRequest()
                .getStatus()
                .getToken();
    }

    private static void refused(Config config) {
        try (KubernetesClient client = client(config)) {
            assertThatThrownBy(() -> client.pods().inNamespace("default").list())
                    .isInstanceOfSatisfying(
                            KubernetesClientException.class,
                            e -> assertThat(e.getCode())
                                    .as(String.valueOf(e.getMessage()))
                                    .isEqualTo(401));
        }
    }

    /// A certificate of another authority is none: it ends the connection, or leaves a stranger.
    private static void strange(Config config) {
        try (KubernetesClient client = client(config)) {
            assertThatThrownBy(() -> client.pods().inNamespace("default").list())
                    .isInstanceOfSatisfying(KubernetesClientException.class, e -> {
                        assertThat(e.getCode()).isIn(0, 401, 403);
                        if (e.getCode() == 403) {
                            assertThat(e.getMessage()).contains("system:anonymous");
                        }
                    });
        }
    }

    private static KubernetesClient client(Config config) {
        return new KubernetesClientBuilder().withConfig(config).build();
    }

    private static Config withToken(Config at, String token) {
        return new ConfigBuilder(Config.empty())
                .withMasterUrl(at.getMasterUrl())
                .withCaCertData(at.getCaCertData())
                .withOauthToken(token)
                .withRequestRetryBackoffLimit(0)
                .build();
    }

    private static Config withCertificate(Config at, Config whose) {
        return new ConfigBuilder(Config.empty())
                .withMasterUrl(at.getMasterUrl())
                .withCaCertData(at.getCaCertData())
                .withClientCertData(whose.getClientCertData())
                .withClientKeyData(whose.getClientKeyData())
                .withClientKeyAlgo(whose.getClientKeyAlgo())
                .withRequestRetryBackoffLimit(0)
                .build();
    }

    private static Optional<String> tokenOf(KubernetesClient tenant) {
        return Optional.ofNullable(tenant.secrets()
                        .inNamespace("default")
                        .withName("robot")
                        .get())
                .map(Secret::getData)
                .map(data -> data.get("token"))
                .map(text -> new String(Base64.getDecoder().decode(text), StandardCharsets.UTF_8));
    }

    private static Service web(KubernetesClient tenant) {
        return tenant.services().inNamespace("default").withName("web").get();
    }

    private static Optional<String> address(KubernetesClient tenant, String service) {
        return Optional.ofNullable(tenant.services()
                        .inNamespace("default")
                        .withName(service)
                        .get())
                .map(each -> each.getSpec().getClusterIP());
    }

    private static boolean isRunning(KubernetesClient tenant) {
        Pod pod = tenant.pods().inNamespace("default").withName("runner").get();
        return pod != null && "Running".equals(pod.getStatus().getPhase());
    }

    /// Uids, addresses and specs of what a tenant has there.
    private static String onHost(KubernetesClient host, String tenant) {
        var all = new StringBuilder();
        host.services().inNamespace("insula-" + tenant).list().getItems().stream()
                .map(each -> each.getMetadata().getUid() + each.getSpec())
                .sorted()
                .forEach(all::append);
        host.pods().inNamespace("insula-" + tenant).list().getItems().stream()
                .map(each -> each.getMetadata().getUid() + each.getSpec())
                .sorted()
                .forEach(all::append);
        return all.toString();
    }

    private static KubernetesClient host(Terminal terminal) {
        return client(Config.fromKubeconfig(terminal.type("host", "kubeconfig").output()));
    }
}
