package io.insula.controlplane.tenant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.insula.controlplane.cluster.TestCluster;
import io.insula.controlplane.host.ControlPlaneUser;
import io.insula.controlplane.host.HostSetup;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.kinds.Beans;
import io.insula.tenantapi.controllers.ControllerManagers;
import io.insula.tenantapi.server.ServerComponents;
import io.micronaut.context.ApplicationContext;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// Names of the outside, wanted by somebody who has stolen the syncer's credential.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostClaimsTest {

    private final ApplicationContext beans = ApplicationContext.run();
    private TestCluster host = unset();
    private KubernetesClient controlPlane = unset();
    private KubernetesClient stolen = unset();

    @BeforeAll
    void start(@TempDir Path folder) {
        host = new TestCluster("host", folder, beans.getBean(ServerComponents.class), builder -> builder)
                .withControllers(beans.getBean(ControllerManagers.class));
        controlPlane = ControlPlaneUser.of(host);
        new HostSetup(controlPlane, Beans.profiles()).install();
        stolen = new KubernetesClientBuilder()
                .withConfig(host.config(InsulaLabels.SYNCER, List.of()))
                .build();
        var tenant = new Tenant();
        tenant.getMetadata().setName("acme");
        tenant.getMetadata().setUid("u");
        tenant.setSpec(new TenantSpec("runc"));
        new HostNamespaces(controlPlane, Beans.profiles())
                .ensure(
                        tenant,
                        () -> new ProfileSource.Choice(
                                new ProfileSource.Profile("runc", Map.of("sandbox", "runc")), List.of()));
    }

    @AfterAll
    void stop() {
        stolen.close();
        controlPlane.close();
        host.close();
        beans.close();
    }

    /// Who has the credential cannot be before somebody who has a name.
    @Test
    void takesNoClaimThatIsOlderThanItIs() {
        var now = Instant.now();
        var early = now.minus(Duration.ofHours(1));
        assertThatCode(() -> claim("mine", "acme", "acme", Map.of("a.example.com", now.toString())))
                .doesNotThrowAnyException();

        backDated(() -> claim("older", "globex", "globex", Map.of("a.example.com", early.toString())));
        backDated(() -> claim("oldest", "globex", "globex", Map.of("a.example.com", "1970-01-01T00:00:00Z")));
        assertThatThrownBy(() -> claim("two", "globex", "acme", Map.of("b.example.com", now.toString())))
                .hasMessageContaining("must be the tenant of the annotation");
        assertThatThrownBy(() -> patch(
                        "mine",
                        "{\"metadata\":{\"labels\":{\"insula.io/tenant\":\"globex\"},"
                                + "\"annotations\":{\"insula.io/tenant\":\"globex\"}}}"))
                .hasMessageContaining("one Ingress's of one tenant for good");

        // of a claim that is old itself
        backDated(() -> patch("mine", hosts("a.example.com", now.toString(), "b.example.com", early.toString())));
        assertThatThrownBy(() -> patch("mine", hosts("a.example.com", early.toString())))
                .hasMessageContaining("spec.hosts");
        backDated(() ->
                patch("mine", hosts(List.of(), "a.example.com", now.toString(), "b.example.com", early.toString())));
        assertThatCode(() -> patch(
                        "mine",
                        hosts(
                                "a.example.com",
                                now.toString(),
                                "b.example.com",
                                Instant.now().toString())))
                .as("what it has, and what it asks for now")
                .doesNotThrowAnyException();
    }

    /// Who has the credential gives away no name of anybody's, and waits for none.
    @Test
    void givesNoNameAway() {
        var now = Instant.now().toString();
        claim("theirs", "acme", "acme", Map.of("x.example.com", now));

        for (var patch : List.of(
                hosts(),
                hosts("other.example.com", Instant.now().toString()),
                hosts("x.example.com", Instant.now().plusSeconds(60).toString()))) {
            assertThatThrownBy(() -> patch("theirs", patch))
                    .as(patch)
                    .hasMessageContaining("spec.hosts: a name that is claimed is not this one's to give away");
        }
        assertThatThrownBy(() -> stolen.genericKubernetesResources(CLAIMS)
                        .withName("theirs")
                        .delete())
                .isInstanceOfSatisfying(
                        KubernetesClientException.class,
                        e -> assertThat(e.getCode()).isEqualTo(403));
        assertThatCode(() -> patch("theirs", "{\"metadata\":{\"labels\":{\"insula.io/ending\":\"true\"}}}"))
                .as("what is only a question to the tenant")
                .doesNotThrowAnyException();
    }

    private static void backDated(ThrowingCallable call) {
        assertThatThrownBy(call).hasMessageContaining("spec.hosts.since: may not be before the claim is made");
    }

    private static String hosts(String... namesAndTimes) {
        return "{" + spec(namesAndTimes) + "}";
    }

    /// With managed fields that say nothing of times.
    private static String hosts(List<String> managed, String... namesAndTimes) {
        return "{\"metadata\":{\"managedFields\":" + managed + "}," + spec(namesAndTimes) + "}";
    }

    private static String spec(String... namesAndTimes) {
        var hosts = new StringBuilder();
        for (int i = 0; i < namesAndTimes.length; i += 2) {
            hosts.append(i == 0 ? "" : ",")
                    .append("{\"name\":\"" + namesAndTimes[i] + "\",\"since\":\"" + namesAndTimes[i + 1] + "\"}");
        }
        return "\"spec\":{\"hosts\":[" + hosts + "]}";
    }

    private void claim(String name, String label, String annotation, Map<String, String> hosts) {
        var claim = new GenericKubernetesResource();
        claim.setApiVersion("tenancy.insula.io/v1alpha1");
        claim.setKind("IngressHosts");
        claim.setMetadata(new ObjectMetaBuilder()
                .withName(name)
                .addToLabels("insula.io/tenant", label)
                .addToAnnotations("insula.io/tenant", annotation)
                .build());
        claim.setAdditionalProperty(
                "spec",
                Map.of(
                        "hosts",
                        hosts.entrySet().stream()
                                .map(each -> Map.of("name", each.getKey(), "since", each.getValue()))
                                .toList()));
        stolen.genericKubernetesResources(CLAIMS).resource(claim).create();
    }

    private void patch(String name, String patch) {
        stolen.genericKubernetesResources(CLAIMS).withName(name).patch(PatchContext.of(PatchType.JSON_MERGE), patch);
    }

    private static final ResourceDefinitionContext CLAIMS = new ResourceDefinitionContext.Builder()
            .withGroup("tenancy.insula.io")
            .withVersion("v1alpha1")
            .withKind("IngressHosts")
            .withPlural("ingresshosts")
            .withNamespaced(false)
            .build();

    @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"}) // set before the first test
    private static <T> T unset() {
        return null;
    }
}
