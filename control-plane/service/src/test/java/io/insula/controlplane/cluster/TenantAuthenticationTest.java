package io.insula.controlplane.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.controlplane.tenant.Tenant;
import io.insula.tenantapi.auth.structured.AuthenticationConfig;
import io.insula.tenantapi.server.ServerComponents;
import io.micronaut.context.ApplicationContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// How `spec.authentication` of a Tenant travels: through the host's own definition of Tenants and the client.
class TenantAuthenticationTest {

    private static final Path DEFINITION = Path.of("..", "..", "deploy", "crds", "tenants.yaml");

    @Test
    void travelsFromTheTenantToTheServerUnchanged(@TempDir Path folder) throws IOException {
        try (var beans = ApplicationContext.run();
                var host = new TestCluster("host", folder, beans.getBean(ServerComponents.class), builder -> builder)) {
            host.client()
                    .resource(Serialization.unmarshal(Files.readString(DEFINITION), CustomResourceDefinition.class))
                    .create();
            host.client().resource(tenant("acme", "https://login.example")).create();

            var acme = host.client().resources(Tenant.class).withName("acme").get();

            assertThat(acme.getSpec().authentication())
                    .isEqualTo(tenant("acme", "https://login.example").getSpec().authentication());
            assertThat(acme.getSpec().authenticationConfig()).isNotSameAs(AuthenticationConfig.NONE);
            var plain = host.client().resource(tenant("plain", "http://login.example"));
            assertThatThrownBy(plain::create)
                    .isInstanceOf(KubernetesClientException.class)
                    .hasMessageContaining("spec.authentication.jwt[0].issuer.url");
        }
    }

    @Test
    void refusesWhatTheDefinitionCannotSee() {
        assertThatThrownBy(() -> tenant("acme", "https://kubernetes.default.svc.cluster.local")
                        .getSpec()
                        .authenticationConfig())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("URL must not overlap with disallowed issuers");
        assertThatCode(() ->
                        Serialization.unmarshal("""
                        apiVersion: tenancy.insula.io/v1alpha1
                        kind: Tenant
                        metadata: {name: acme}
                        spec: {isolationProfile: runc}
                        """, Tenant.class).getSpec().authenticationConfig())
                .doesNotThrowAnyException();
    }

    private static Tenant tenant(String name, String issuer) {
        return Serialization.unmarshal("""
                apiVersion: tenancy.insula.io/v1alpha1
                kind: Tenant
                metadata: {name: %s}
                spec:
                  isolationProfile: runc
                  authentication:
                    jwt:
                    - issuer: {url: '%s', audiences: [insula]}
                      claimValidationRules:
                      - {expression: 'claims.hd == "example.com"', message: wrong domain}
                      claimMappings:
                        username: {claim: sub, prefix: ''}
                        groups: {expression: claims.groups}
                        extra:
                        - {key: example.com/tenant, valueExpression: claims.tenant}
                      userValidationRules:
                      - {expression: "!user.username.startsWith('system:')"}
                    anonymous: {enabled: true, conditions: [{path: /livez}]}
                """.formatted(name, issuer), Tenant.class);
    }
}
