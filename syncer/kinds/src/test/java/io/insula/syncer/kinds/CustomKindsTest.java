package io.insula.syncer.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceList;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.NonNamespaceOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.isolation.TenantProfiles;
import io.insula.syncer.custom.CustomKind;
import io.insula.syncer.custom.CustomKinds;
import io.insula.syncer.engine.NameMap;
import io.insula.syncer.engine.OwnKindState;
import io.insula.syncer.engine.Shortcut;
import io.insula.syncer.engine.SyncEngine;
import io.insula.syncer.engine.SyncSettings;
import io.insula.syncer.engine.Syncer;
import io.insula.syncer.engine.TenantAttachment;
import io.insula.syncer.engine.TenantId;
import io.micronaut.context.ApplicationContext;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Kinds that somebody else defined, by a rule, over whole API servers: two tenants with the same names, one of which
/// has its kind from the start, the other later.
@Tag("servers")
class CustomKindsTest {

    private static final TenantId ACME = new TenantId("acme");
    private static final TenantId GLOBEX = new TenantId("globex");
    private static final Duration DEADLINE = Duration.ofMinutes(3);
    private static final ResourceDefinitionContext WIDGETS = new ResourceDefinitionContext.Builder()
            .withGroup("example.com")
            .withVersion("v1")
            .withKind("Widget")
            .withPlural("widgets")
            .withNamespaced(true)
            .build();
    private static final List<CustomKind> RULES = CustomKind.read(
            "rules",
            List.of(Map.of(
                    "group",
                    "example.com",
                    "version",
                    "v1",
                    "kind",
                    "Widget",
                    "plural",
                    "widgets",
                    "names",
                    List.of(Map.of("path", "spec.secretName", "kind", "Secret")),
                    "selectors",
                    List.of("spec.selector"))));

    private static final List<CustomKind> SHOWN = CustomKind.read(
            "rules",
            List.of(Map.of(
                    "group",
                    "example.com",
                    "version",
                    "v1",
                    "kind",
                    "Offer",
                    "plural",
                    "offers",
                    "direction",
                    "up",
                    "hidden",
                    List.of("spec.login"))));

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

    private static final String WIDGET = """
            apiVersion: v1
            kind: Secret
            metadata: {name: s, namespace: default}
            stringData: {of: %1$s}
            ---
            apiVersion: v1
            kind: Secret
            metadata: {name: unnamed, namespace: default}
            ---
            apiVersion: example.com/v1
            kind: Widget
            metadata: {name: w, namespace: default, annotations: {do: it}, labels: {insula.io/tenant: globex}}
            spec: {of: %1$s, secretName: s, selector: {matchLabels: {app: a}}}
            """;

    private static final ResourceDefinitionContext OFFERS = new ResourceDefinitionContext.Builder()
            .withGroup("example.com")
            .withVersion("v1")
            .withKind("Offer")
            .withPlural("offers")
            .withNamespaced(false)
            .build();

    private static final String OFFER = """
            apiVersion: example.com/v1
            kind: Offer
            metadata: {name: %s, labels: %s}
            spec: {size: 3, login: {password: p}}
            """;

    @Test
    void goToTheHostAndComeBackAndGoWithTheirRule() throws Exception {
        var all = Stream.of(
                        Beans.syncers(), CustomKinds.syncers(RULES, List.of()), CustomKinds.syncers(SHOWN, List.of()))
                .<Syncer<?>>flatMap(List::stream)
                .toList();
        try (var beans = ApplicationContext.run();
                var host = new Cluster(beans, false, List.of());
                var acme = new Cluster(beans, true, List.of(), all);
                var globex = new Cluster(beans, true, List.of(), all);
                var engine = SyncEngine.start(
                        host.client(),
                        Beans.syncers(),
                        SyncSettings.DEFAULT.withScan(Duration.ofMillis(500)),
                        _ -> {})) {
            for (var tenant : List.of(ACME, GLOBEX)) {
                host.client()
                        .resource(new NamespaceBuilder()
                                .withNewMetadata()
                                .withName(tenant.hostNamespace())
                                .endMetadata()
                                .build())
                        .create();
            }
            apply(acme.client(), DEFINITION);
            attach(engine, ACME, acme, RULES, List.of());
            attach(engine, GLOBEX, globex, RULES, List.of());
            // neither side that lacks the kind keeps anything else from being synced
            await("it is said", () -> state(engine, ACME).host().equals("does not serve widgets of example.com/v1"));
            await(
                    "both are listed",
                    () -> List.of(ACME, GLOBEX).stream()
                            .allMatch(id -> engine.status(id).orElseThrow().synced()));
            assertThat(state(engine, ACME).tenant()).isEmpty();
            assertThat(state(engine, GLOBEX).tenant()).isEqualTo("does not serve widgets of example.com/v1");

            apply(host.client(), DEFINITION);
            apply(acme.client(), WIDGET.formatted("acme"));
            await("acme's is there", () -> of(host, ACME).equals("acme"));
            apply(globex.client(), DEFINITION);
            await("globex's kind is known", () -> state(engine, GLOBEX).tenant().isEmpty());
            apply(globex.client(), WIDGET.formatted("globex"));
            await("globex's is there", () -> of(host, GLOBEX).equals("globex"));

            assertThat(of(host, ACME)).isEqualTo("acme");
            isTranslated(host);
            comesBack(host, acme, globex);
            isShown(engine, host, acme, globex);
            goesWithItsObject(host, globex);
            goesWithItsRule(engine, host, acme);
        }
    }

    private static void isTranslated(Cluster host) {
        var names = new NameMap(ACME);
        var there = onHost(host.client(), ACME).get();
        assertThat(there.<String>get("spec", "secretName")).isEqualTo(names.hostName("Secret", "default", "s"));
        assertThat(there.<Map<String, String>>get("spec", "selector", "matchLabels"))
                .isEqualTo(Map.of(
                        "tenant.insula.io/app", "a", "insula.io/tenant", "acme", "insula.io/namespace", "default"));
        assertThat(there.getMetadata().getLabels()).containsEntry("insula.io/tenant", "acme");
        assertThat(there.getMetadata().getAnnotations()).doesNotContainKey("do");
        var secrets = host.client().secrets().inNamespace(ACME.hostNamespace());
        await(
                "what it names is there",
                () -> secrets.withName(names.hostName("Secret", "default", "s")).get() != null);
        assertThat(secrets.withName(names.hostName("Secret", "default", "unnamed"))
                        .get())
                .isNull();
    }

    private static void comesBack(Cluster host, Cluster acme, Cluster globex) {
        onHost(host.client(), ACME)
                .subresource("status")
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"status\":{\"said\":\"uses " + new NameMap(ACME).hostName("Secret", "default", "s")
                                + " beside " + new NameMap(GLOBEX).hostName("Secret", "default", "s") + "\"}}");

        await("acme is told", () -> said(acme).equals("uses s beside another"));
        assertThat(said(globex)).isEmpty();
    }

    /// What the host offers is seen where a rule says so, cannot be changed there, and goes with the host's or the
    /// rule.
    private static void isShown(SyncEngine engine, Cluster host, Cluster acme, Cluster globex) {
        var definition = DEFINITION
                .replace("widgets", "offers")
                .replace("Widget", "Offer")
                .replace("Namespaced", "Cluster");
        List.of(host, acme, globex).forEach(each -> apply(each.client(), definition));
        for (var name : List.of("small", "large")) {
            apply(host.client(), OFFER.formatted(name, "{insula.io/shared: 'true'}"));
        }
        apply(host.client(), OFFER.formatted("internal", "{}"));
        apply(host.client(), OFFER.formatted("globexs", "{insula.io/shared: 'true', insula.io/tenant: globex}"));
        apply(acme.client(), OFFER.formatted("large", "{mine: 'true'}"));
        attach(engine, ACME, acme, Stream.concat(RULES.stream(), SHOWN.stream()).toList(), List.of());

        await("it is shown", () -> offer(acme, "small").isPresent());
        assertThat(offer(acme, "small").orElseThrow().<Map<String, Object>>get("spec"))
                .isEqualTo(Map.of("size", 3));
        offers(acme)
                .withName("small")
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"size\":4,\"mine\":true}}");
        await(
                "it is set back",
                () -> offer(acme, "small")
                        .map(each -> each.<Map<String, Object>>get("spec"))
                        .equals(Optional.of(Map.of("size", 3))));
        await(
                "it is told",
                () -> acme.client().v1().events().inNamespace("default").list().getItems().stream()
                        .anyMatch(each -> "SetBack".equals(each.getReason())));
        offers(acme).withName("small").delete();
        await("it is there again", () -> offer(acme, "small").isPresent());
        host.client()
                .genericKubernetesResources(OFFERS)
                .withName("small")
                .subresource("status")
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"status\":{\"open\":true}}");
        await(
                "it is told how it is",
                () -> Boolean.TRUE.equals(offer(acme, "small").orElseThrow().get("status", "open")));
        assertThat(offers(acme).list().getItems())
                .extracting(each -> each.getMetadata().getName())
                .containsExactlyInAnyOrder("large", "small");
        assertThat(offer(acme, "large").orElseThrow().getMetadata().getLabels())
                .as("the tenant's own stays")
                .containsEntry("mine", "true");
        assertThat(offers(globex).list().getItems()).isEmpty();

        host.client().genericKubernetesResources(OFFERS).withName("small").delete();
        await("it went with the host's", () -> offer(acme, "small").isEmpty());
        apply(host.client(), OFFER.formatted("small", "{insula.io/shared: 'true'}"));
        await("it came with the host's", () -> offer(acme, "small").isPresent());
        attach(engine, ACME, acme, RULES, SHOWN);
        await("it went with the rule", () -> offer(acme, "small").isEmpty());
        await(
                "which is known",
                () -> engine.ownKinds(ACME).getLast().listed()
                        && engine.ownKinds(ACME).getLast().sent() == 0);
        assertThat(offer(acme, "large")).isPresent();
    }

    private static NonNamespaceOperation<
                    GenericKubernetesResource, GenericKubernetesResourceList, Resource<GenericKubernetesResource>>
            offers(Cluster cluster) {
        return cluster.client().genericKubernetesResources(OFFERS);
    }

    private static Optional<GenericKubernetesResource> offer(Cluster cluster, String name) {
        return Optional.ofNullable(offers(cluster).withName(name).get());
    }

    private static void goesWithItsObject(Cluster host, Cluster globex) {
        own(globex.client()).delete();

        await("globex's is gone", () -> onHost(host.client(), GLOBEX).get() == null);
        assertThat(of(host, ACME)).isEqualTo("acme");
        var secrets = host.client().secrets().inNamespace(GLOBEX.hostNamespace());
        await(
                "and what it named",
                () -> secrets.withName(new NameMap(GLOBEX).hostName("Secret", "default", "s"))
                                .get()
                        == null);
    }

    /// Nothing of it stays behind, and the tenant keeps its own.
    private static void goesWithItsRule(SyncEngine engine, Cluster host, Cluster acme) {
        attach(engine, ACME, acme, List.of(), RULES);

        await("the host has nothing of it", () -> onHost(host.client(), ACME).get() == null);
        await(
                "it is known",
                () -> state(engine, ACME).listed() && state(engine, ACME).sent() == 0);
        assertThat(own(acme.client()).get()).isNotNull();
        attach(engine, ACME, acme, RULES, List.of());
        await("it is there again", () -> of(host, ACME).equals("acme"));

        // a tenant that has not got the kind any more has nothing of it
        engine.detach(ACME);
        acme.client()
                .resources(CustomResourceDefinition.class)
                .withName("widgets.example.com")
                .delete();
        await(
                "the definition is gone",
                () -> acme.client()
                                .resources(CustomResourceDefinition.class)
                                .withName("widgets.example.com")
                                .get()
                        == null);
        attach(engine, ACME, acme, RULES, List.of());
        await("it is said", () -> state(engine, ACME).tenant().startsWith("does not serve"));
        await("all else is listed", () -> engine.status(ACME).orElseThrow().synced());
        assertThat(of(host, ACME)).as("nobody deletes what nobody can ask for").isEqualTo("acme");
        attach(engine, ACME, acme, List.of(), RULES);
        await("it goes", () -> onHost(host.client(), ACME).get() == null);
    }

    private static void attach(
            SyncEngine engine, TenantId id, Cluster tenant, List<CustomKind> rules, List<CustomKind> leaving) {
        var profiles = TenantProfiles.only(Beans.settings("runc"));
        List<Syncer<?>> own = CustomKinds.syncers(rules, leaving);
        engine.attach(new TenantAttachment(
                id,
                tenant::config,
                Shortcut.NONE,
                1,
                URI.create(tenant.config().getMasterUrl()),
                false,
                () -> profiles,
                own));
    }

    private static OwnKindState state(SyncEngine engine, TenantId id) {
        return engine.ownKinds(id).getFirst();
    }

    private static Resource<GenericKubernetesResource> own(KubernetesClient client) {
        return client.genericKubernetesResources(WIDGETS).inNamespace("default").withName("w");
    }

    private static Resource<GenericKubernetesResource> onHost(KubernetesClient client, TenantId id) {
        return client.genericKubernetesResources(WIDGETS)
                .inNamespace(id.hostNamespace())
                .withName(new NameMap(id).hostName("Widget.example.com", "default", "w"));
    }

    private static String of(Cluster host, TenantId id) {
        return Optional.ofNullable(onHost(host.client(), id).get())
                .map(there -> there.<String>get("spec", "of"))
                .orElse("");
    }

    private static String said(Cluster tenant) {
        return Optional.ofNullable(own(tenant.client()).get())
                .map(own -> own.<String>get("status", "said"))
                .orElse("");
    }

    private static void apply(KubernetesClient client, String manifests) {
        client.load(new java.io.ByteArrayInputStream(manifests.getBytes(StandardCharsets.UTF_8)))
                .items()
                .forEach(item -> create(client, item));
    }

    /// Of a kind that was defined just now the server may not know yet.
    private static void create(KubernetesClient client, HasMetadata item) {
        await(item.getKind() + " can be made", () -> {
            try {
                return client.resource(Serialization.clone(item)).create() != null;
            } catch (io.fabric8.kubernetes.client.KubernetesClientException e) {
                if (e.getCode() == 404) {
                    return false;
                }
                throw e;
            }
        });
    }

    private static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + DEADLINE.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("deadline of: " + what).isLessThan(deadline);
            LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
        }
    }
}
