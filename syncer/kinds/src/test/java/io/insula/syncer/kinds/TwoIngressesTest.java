package io.insula.syncer.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.insula.isolation.TenantProfiles;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.engine.NameMap;
import io.insula.syncer.engine.SyncEngine;
import io.insula.syncer.engine.SyncSettings;
import io.insula.syncer.engine.TenantAttachment;
import io.insula.syncer.engine.TenantId;
import io.micronaut.context.ApplicationContext;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Two tenants ask one controller of the host's for one name of the outside, over whole API servers: the first has it,
/// the second is told and gets it when the first gives it up.
@Tag("servers")
class TwoIngressesTest {

    private static final TenantId ACME = new TenantId("acme");
    private static final TenantId GLOBEX = new TenantId("globex");
    private static final Duration DEADLINE = Duration.ofMinutes(3);

    private static final String INGRESS = """
            apiVersion: v1
            kind: Service
            metadata: {name: web, namespace: default}
            spec: {ports: [{port: 80}]}
            ---
            apiVersion: networking.k8s.io/v1
            kind: Ingress
            metadata: {name: web, namespace: default}
            spec:
              ingressClassName: public
              rules:
              - host: shop.example.com
                http:
                  paths:
                  - {path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}
            """;

    @Test
    void oneNameIsOneTenants() throws Exception {
        try (var beans = ApplicationContext.run();
                var host = new Cluster(beans, false, List.of());
                var acme = new Cluster(beans, true, List.of());
                var globex = new Cluster(beans, true, List.of());
                var engine = SyncEngine.start(
                        host.client(),
                        Beans.syncers(),
                        SyncSettings.DEFAULT.withScan(Duration.ofMillis(500)),
                        _ -> {})) {
            host.client()
                    .load(Files.newInputStream(Path.of("../../deploy/crds/ingresshosts.yaml")))
                    .items()
                    .forEach(each -> host.client()
                            .resource((CustomResourceDefinition) each)
                            .create());
            host.client().resource(IngressWorld.shared("public")).create();
            for (var tenant : List.of(ACME, GLOBEX)) {
                host.client()
                        .resource(new NamespaceBuilder()
                                .withNewMetadata()
                                .withName(tenant.hostNamespace())
                                .endMetadata()
                                .build())
                        .create();
            }
            attach(engine, ACME, acme);
            attach(engine, GLOBEX, globex);
            for (var tenant : List.of(acme, globex)) {
                await(
                        "the class is shown",
                        () -> tenant.client()
                                        .network()
                                        .v1()
                                        .ingressClasses()
                                        .withName("public")
                                        .get()
                                != null);
            }

            apply(acme.client(), INGRESS);
            await("acme's is there", () -> onHost(host, ACME).get() != null);
            apply(globex.client(), INGRESS);
            await("globex is told", () -> isTold(globex));
            assertThat(onHost(host, GLOBEX).get()).isNull();
            assertThat(isTold(acme)).isFalse();

            onHost(host, ACME)
                    .subresource("status")
                    .patch(
                            PatchContext.of(PatchType.JSON_MERGE),
                            "{\"status\":{\"loadBalancer\":{\"ingress\":[{\"ip\":\"203.0.113.7\"}]}}}");
            await("acme sees the address", () -> address(acme).equals("203.0.113.7"));
            assertThat(address(globex)).isEmpty();

            // a tenant that is away keeps its name
            engine.detach(ACME);
            apply(globex.client(), INGRESS.replace("web", "fence").replace("shop.", "fence."));
            await(
                    "something later of globex's is there",
                    () -> onHost(host, GLOBEX, "fence").get() != null);
            assertThat(onHost(host, GLOBEX).get()).isNull();
            attach(engine, ACME, acme);

            own(acme).delete();
            await("acme's is gone", () -> onHost(host, ACME).get() == null);
            var claim = host.client()
                    .genericKubernetesResources(IngressWorld.CLAIMS)
                    .withName(new NameMap(ACME).hostName("IngressHosts", "default", "web"));
            await(
                    "the claim is to go",
                    () -> claim.get().getMetadata().getLabels().containsKey(InsulaLabels.ENDING));
            assertThat(onHost(host, GLOBEX).get()).isNull();
            // as the control plane does when the tenant says so
            claim.delete();
            await("globex has it now", () -> onHost(host, GLOBEX).get() != null);
        }
    }

    private static boolean isTold(Cluster tenant) {
        return tenant.client().v1().events().inNamespace("default").list().getItems().stream()
                .anyMatch(event -> "IngressRefused".equals(event.getReason())
                        && event.getInvolvedObject().getName().equals("web")
                        && event.getMessage().contains("shop.example.com")
                        && !event.getMessage().contains("acme"));
    }

    private static String address(Cluster tenant) {
        return Optional.ofNullable(own(tenant).get().getStatus())
                .flatMap(status -> Optional.ofNullable(status.getLoadBalancer()))
                .flatMap(balancer -> balancer.getIngress().stream().findFirst())
                .map(each -> each.getIp())
                .orElse("");
    }

    private static Resource<Ingress> own(Cluster tenant) {
        return tenant.client().network().v1().ingresses().inNamespace("default").withName("web");
    }

    private static Resource<Ingress> onHost(Cluster host, TenantId id) {
        return onHost(host, id, "web");
    }

    private static Resource<Ingress> onHost(Cluster host, TenantId id, String name) {
        return host.client()
                .network()
                .v1()
                .ingresses()
                .inNamespace(id.hostNamespace())
                .withName(new NameMap(id).hostName("Ingress", "default", name));
    }

    private static void attach(SyncEngine engine, TenantId id, Cluster tenant) {
        var profiles = TenantProfiles.only(Beans.settings("runc"));
        engine.attach(new TenantAttachment(id, tenant.config(), 1, () -> profiles));
    }

    private static void apply(KubernetesClient client, String manifests) {
        client.load(new ByteArrayInputStream(manifests.getBytes(StandardCharsets.UTF_8)))
                .items()
                .forEach(item -> client.resource(item).create());
    }

    private static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + DEADLINE.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("deadline of: " + what).isLessThan(deadline);
            LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
        }
    }
}
