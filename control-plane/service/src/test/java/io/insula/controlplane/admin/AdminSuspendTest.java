package io.insula.controlplane.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.insula.controlplane.tenant.Tenant;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Suspending and resuming a tenant, on a host that is a real API server.
final class AdminSuspendTest {

    @Test
    void writesTheWishForSuperusersAloneAndRecordsIt(@TempDir Path folder) {
        try (var admin = new AdminFixture(folder)) {
            assertThat(admin.post("/v1/tenants", "{\"name\":\"acme\"}").status())
                    .isEqualTo(201);
            var mallory = admin.member("mallory", "insula:syncer", "system:masters");
            for (String verb : List.of("suspend", "resume")) {
                String path = "/v1/tenants/acme/" + verb;
                assertThat(admin.send(mallory, "POST " + path + " HTTP/1.1", "{}", "Content-Type: application/json")
                                .status())
                        .isEqualTo(403);
                assertThat(admin.post(path, "{\"suspend\":false}").status()).isEqualTo(400);
                assertThat(admin.post(path, "").status()).isEqualTo(400);
                assertThat(admin.post(path + "/", "{}").status()).isEqualTo(404);
                assertThat(admin.get(path).status()).isEqualTo(405);
                assertThat(admin.post("/v1/tenants/nobody/" + verb, "{}").status())
                        .isEqualTo(404);
                assertThat(isSuspended(admin)).isFalse();
            }
            assertThat(admin.post("/v1/tenants/acme/suspend", "{}").status()).isEqualTo(202);
            assertThat(isSuspended(admin)).isTrue();
            assertThat(admin.post("/v1/tenants/acme/suspend", "{}").status()).isEqualTo(202);
            assertThat(admin.post("/v1/tenants/acme/resume", "{}").status()).isEqualTo(202);
            assertThat(isSuspended(admin)).isFalse();

            assertThat(admin.eventsOf("acme"))
                    .filteredOn(each -> each.path("responseStatus").path("code").asInt() == 202)
                    .extracting(
                            each -> each.path("objectRef").path("subresource").asText())
                    .containsExactly("suspend", "suspend", "resume");
        }
    }

    private static boolean isSuspended(AdminFixture admin) {
        return admin.host()
                .resources(Tenant.class)
                .withName("acme")
                .get()
                .getSpec()
                .isSuspended();
    }
}
