package io.insula.controlplane.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.insula.controlplane.tenant.Tenant;
import io.insula.syncer.custom.CustomKind;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Rules of custom kinds, by the admin API.
final class AdminCustomKindsTest {

    private static final String RULE = "{\"group\":\"%s\",\"version\":\"v1\",\"kind\":\"Widget\",\"plural\":\"%s\"}";

    @Test
    void writesRulesAndRefusesThoseThatOpenTooMuch(@TempDir Path folder) {
        try (var admin = new AdminFixture(folder)) {
            assertThat(admin.post("/v1/tenants", "{\"name\":\"acme\"}").status())
                    .isEqualTo(201);

            refused(admin, RULE.formatted("rbac.authorization.k8s.io", "roles"), "customKinds[0].group");
            refused(admin, RULE.formatted("rbac.authorization.k8s.io", "roles"), "is Kubernetes' own");
            refused(admin, RULE.formatted("tenancy.insula.io", "tenants"), "is Insula's own");
            refused(admin, RULE.formatted("example.com", "widgets/status"), "customKinds[0].plural");
            refused(admin, "7", "customKinds[0]: 7 (expected: an object)");
            assertThat(admin.patch("/v1/tenants/acme", "{\"customKinds\":{}}").status())
                    .isEqualTo(400);
            assertThat(spec(admin).customKinds()).isEmpty();

            assertThat(change(admin, RULE.formatted("example.com", "widgets")).status())
                    .isEqualTo(200);
            assertThat(spec(admin).customKinds())
                    .extracting(CustomKind::definition)
                    .containsExactly("widgets.example.com");
            assertThat(spec(admin).tenantLimits().hard()).containsKey("count/widgets.example.com");
            assertThat(change(admin, "").status()).isEqualTo(200);
            assertThat(spec(admin).customKinds()).isEmpty();
        }
    }

    private static void refused(AdminFixture admin, String rule, String message) {
        var answer = change(admin, rule);
        assertThat(answer.status()).as(rule).isEqualTo(422);
        assertThat(answer.body()).contains(message);
    }

    private static AdminFixture.Answer change(AdminFixture admin, String rules) {
        return admin.patch("/v1/tenants/acme", "{\"customKinds\":[" + rules + "]}");
    }

    private static io.insula.controlplane.tenant.TenantSpec spec(AdminFixture admin) {
        return admin.host().resources(Tenant.class).withName("acme").get().getSpec();
    }
}
