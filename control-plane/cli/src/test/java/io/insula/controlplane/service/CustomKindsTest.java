package io.insula.controlplane.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.controlplane.process.OneKafka;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.view.Condition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// Two tenants send objects of one kind and one name to the host, by the command, and one of them stops.
final class CustomKindsTest {

    @RegisterExtension
    static final OneKafka KAFKA = new OneKafka();

    private static final ResourceDefinitionContext WIDGETS = new ResourceDefinitionContext.Builder()
            .withGroup("example.com")
            .withVersion("v1")
            .withKind("Widget")
            .withPlural("widgets")
            .withNamespaced(true)
            .build();

    private static final String DEFINITION = """
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: widgets.example.com}
            spec:
              group: example.com
              scope: Namespaced
              names: {kind: Widget, plural: widgets}
              versions:
              - name: v1
                served: true
                storage: true
                subresources: {status: {}}
                schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
            """;

    private static final String RULES = """
            customKinds:
            - {group: example.com, version: v1, kind: Widget, plural: widgets,
               names: [{path: spec.secretName, kind: Secret}]}
            """;

    private static final String SHOWN = """
            customKinds:
            - {group: example.com, version: v1, kind: Offer, plural: offers, direction: up, status: none}
            """;

    private static final ResourceDefinitionContext OFFERS = new ResourceDefinitionContext.Builder()
            .withGroup("example.com")
            .withVersion("v1")
            .withKind("Offer")
            .withPlural("offers")
            .withNamespaced(false)
            .build();

    @TempDir
    private Path home;

    @Test
    void goToTheHostByARuleOfTheSuperusers() throws IOException {
        var terminal = new Terminal(home.resolve("insula"));
        var rules = Files.writeString(home.resolve("rules.yaml"), RULES).toString();
        var none = Files.writeString(home.resolve("none.yaml"), "[]").toString();
        var roles = Files.writeString(
                        home.resolve("roles.yaml"), RULES.replace("example.com", "rbac.authorization.k8s.io"))
                .toString();
        Path insula = home.resolve("insula");
        try (var _ = InsulaService.start(ServicePlan.of(insula).with(KAFKA.settings(insula)), _ -> {})) {
            for (var tenant : List.of("acme", "globex")) {
                assertThat(terminal.type("tenant", "create", tenant).code()).isZero();
            }
            try (KubernetesClient acme = client(terminal, "tenant", "kubeconfig", "acme");
                    KubernetesClient globex = client(terminal, "tenant", "kubeconfig", "globex");
                    KubernetesClient host = client(terminal, "host", "kubeconfig")) {
                assertThat(terminal.insula("tenant", "sync", "acme", "-f", roles))
                        .contains("customKinds[0].group", "is Kubernetes' own");
                assertThat(terminal.insula("tenant", "sync", "acme", "-f", rules))
                        .contains("has 1 rules of custom kinds");
                assertThat(terminal.insula("tenant", "sync", "globex", "-f", rules))
                        .contains("has 1 rules of custom kinds");
                Patience.await(
                        "it is told",
                        () -> told(terminal, "acme").contains("the host does not serve widgets of example.com/v1"));
                assertThat(terminal.isReady("acme")).isTrue();

                for (var each : List.of(host, acme, globex)) {
                    each.resource(Serialization.unmarshal(DEFINITION, CustomResourceDefinition.class))
                            .create();
                }
                Patience.await("acme's is made", () -> isMade(acme, "acme"));
                Patience.await("globex's is made", () -> isMade(globex, "globex"));
                Patience.await("acme's is there", () -> of(host, "acme").equals("acme"));
                Patience.await("globex's is there", () -> of(host, "globex").equals("globex"));
                Patience.await(
                        "nothing is missing", () -> told(terminal, "acme").contains("\"Synced\""));

                widgets(host, "acme")
                        .forEach(each -> host.resource(each)
                                .subresource("status")
                                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"status\":{\"is\":\"well\"}}"));
                Patience.await("acme is told", () -> "well".equals(own(acme).get("status", "is")));
                assertThat(own(globex).<String>get("status", "is")).isNull();

                assertThat(terminal.insula("tenant", "sync", "acme", "-f", none))
                        .contains("has 0 rules of custom kinds");
                Patience.await("acme's is gone", () -> widgets(host, "acme").isEmpty());
                Patience.await(
                        "and the right to it",
                        () -> host.rbac()
                                        .roles()
                                        .inNamespace("insula-acme")
                                        .withName("insula-syncer-custom")
                                        .get()
                                == null);
                assertThat(own(acme).getMetadata().getName())
                        .as("the tenant keeps its own")
                        .isEqualTo("w");
                assertThat(of(host, "globex")).isEqualTo("globex");
                isShown(terminal, host, acme);
            }
        }
    }

    /// What the host's administrators share is seen in the tenant, and nobody there changes it.
    private void isShown(Terminal terminal, KubernetesClient host, KubernetesClient acme) throws IOException {
        var shown = Files.writeString(home.resolve("shown.yaml"), SHOWN).toString();
        var none = home.resolve("none.yaml").toString();
        for (var each : List.of(host, acme)) {
            each.resource(Serialization.unmarshal(
                            DEFINITION
                                    .replace("widgets", "offers")
                                    .replace("Widget", "Offer")
                                    .replace("Namespaced", "Cluster"),
                            CustomResourceDefinition.class))
                    .create();
        }
        assertThat(terminal.insula("tenant", "sync", "acme", "-f", shown)).contains("has 1 rules of custom kinds");
        Patience.await("the host has one", () -> isOffered(host));

        Patience.await("acme sees it", () -> offers(acme).size() == 1);
        assertThatThrownBy(() -> acme.genericKubernetesResources(OFFERS)
                        .withName("small")
                        .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"size\":4}}"))
                .hasMessageContaining("shown to be looked at only");
        assertThatThrownBy(() -> acme.genericKubernetesResources(OFFERS)
                        .withName("small")
                        .delete())
                .hasMessageContaining("shown to be looked at only");

        assertThat(terminal.insula("tenant", "sync", "acme", "-f", none)).contains("has 0 rules");
        Patience.await("it goes with the rule", () -> offers(acme).isEmpty());
        Patience.await(
                "and the right to read it",
                () -> host.rbac().clusterRoles().withName("insula-syncer-shown").get() == null);
    }

    private static boolean isOffered(KubernetesClient host) {
        try {
            host.resource(Serialization.unmarshal(
                            "---\n{apiVersion: example.com/v1, kind: Offer, metadata: {name: small, labels:"
                                    + " {insula.io/shared: 'true'}}, spec: {size: 3}}",
                            GenericKubernetesResource.class))
                    .create();
            return true;
        } catch (KubernetesClientException e) {
            return e.getCode() == 409;
        }
    }

    private static List<GenericKubernetesResource> offers(KubernetesClient client) {
        try {
            return client.genericKubernetesResources(OFFERS).list().getItems();
        } catch (KubernetesClientException e) {
            // defined just now
            assertThat(e.getCode()).isEqualTo(404);
            return List.of();
        }
    }

    /// The condition; empty where there is none.
    private static String told(Terminal terminal, String tenant) {
        var tree = terminal.type("tenant", "get", tenant, "-o", "json").output();
        try {
            return Condition.of(Json.MAPPER.readTree(tree), "CustomKindsSynced")
                    .tree()
                    .toString();
        } catch (JsonProcessingException e) {
            throw new AssertionError(tree, e);
        }
    }

    /// A server may not know yet what was defined just now.
    private static boolean isMade(KubernetesClient client, String of) {
        try {
            client.resource(Serialization.unmarshal(
                            "---\n{apiVersion: example.com/v1, kind: Widget, metadata: {name: w, namespace: default}, spec:"
                                    + " {of: " + of + ", secretName: s}}",
                            GenericKubernetesResource.class))
                    .create();
            return true;
        } catch (KubernetesClientException e) {
            return e.getCode() == 409;
        }
    }

    private static GenericKubernetesResource own(KubernetesClient client) {
        return client.genericKubernetesResources(WIDGETS)
                .inNamespace("default")
                .withName("w")
                .require();
    }

    private static List<GenericKubernetesResource> widgets(KubernetesClient host, String tenant) {
        return host.genericKubernetesResources(WIDGETS)
                .inNamespace("insula-" + tenant)
                .list()
                .getItems();
    }

    private static String of(KubernetesClient host, String tenant) {
        return widgets(host, tenant).stream()
                .findFirst()
                .map(each -> each.<String>get("spec", "of"))
                .orElse("");
    }

    private static KubernetesClient client(Terminal terminal, String... command) {
        Config config = Config.fromKubeconfig(terminal.type(command).output());
        config.setRequestRetryBackoffLimit(0);
        config.setRequestTimeout(180_000);
        return new KubernetesClientBuilder().withConfig(config).build();
    }
}
