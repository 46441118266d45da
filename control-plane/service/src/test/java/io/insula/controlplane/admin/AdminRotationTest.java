package io.insula.controlplane.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.insula.controlplane.tenant.Tenancy;
import io.insula.controlplane.tenant.Tenant;
import io.insula.tenantapi.api.Json;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Changing keys, on a host that is a real API server, where nobody fulfils what is asked for.
final class AdminRotationTest {

    private static final String PATH = "/v1/tenants/acme/rotate";

    @Test
    void writesTheWishForSuperusersAloneAndRecordsIt(@TempDir Path folder) {
        try (var admin = new AdminFixture(folder)) {
            assertThat(admin.post("/v1/tenants", "{\"name\":\"acme\"}").status())
                    .isEqualTo(201);
            String begin = "{\"keys\":\"service-account\"}";
            for (String wrong : List.of(
                    "",
                    "{}",
                    "{\"keys\":\"etcd-ca\"}",
                    "{\"keys\":\"CA\"}",
                    "{\"keys\":[\"ca\"]}",
                    "{\"keys\":\"ca\",\"phase\":\"BEGIN\"}",
                    "{\"keys\":\"ca\",\"phase\":\"sign\"}",
                    "{\"keys\":\"ca\",\"phase\":1}",
                    "{\"keys\":\"ca\",\"force\":\"yes\"}",
                    "{\"keys\":\"ca\",\"phases\":\"begin\"}",
                    "{\"keys\":\"service-account: finish\"}")) {
                assertThat(admin.post(PATH, wrong).status()).as(wrong).isEqualTo(400);
            }
            assertThat(admin.send(
                                    admin.member("mallory", "system:masters"),
                                    "POST " + PATH + " HTTP/1.1",
                                    begin,
                                    "Content-Type: application/json")
                            .status())
                    .isEqualTo(403);
            assertThat(admin.post("/v1/tenants/nobody/rotate", begin).status()).isEqualTo(404);
            for (String keys : List.of("service-account", "ca")) {
                assertThat(admin.post(PATH, finish(keys, true)).status())
                        .as("nothing has begun")
                        .isEqualTo(422);
            }
            assertThat(annotations(admin)).doesNotContainKey(Tenancy.ROTATE);

            assertThat(admin.post(PATH, begin).status()).isEqualTo(202);

            assertThat(annotations(admin)).containsEntry(Tenancy.ROTATE, "service-account: begin");
            assertThat(admin.eventsOf("acme")
                            .getLast()
                            .path("annotations")
                            .path("insula.io/rotation")
                            .asText())
                    .isEqualTo("service-account: begin");
            assertThat(admin.post(PATH, begin).status()).as("once more").isEqualTo(202);
            assertThat(admin.post(PATH, "{\"keys\":\"ca\"}").status())
                    .as("it would be lost")
                    .isEqualTo(409);
            assertThat(annotations(admin)).containsEntry(Tenancy.ROTATE, "service-account: begin");
        }
    }

    @Test
    void endsNoChangeThatWouldCutSomebodyOffUnasked(@TempDir Path folder) {
        try (var admin = new AdminFixture(folder)) {
            assertThat(admin.post("/v1/tenants", "{\"name\":\"acme\"}").status())
                    .isEqualTo(201);
            assertThat(admin.post("/v1/tenants/acme/kubeconfig", "{\"user\":\"ann\"}")
                            .status())
                    .isEqualTo(200);
            begun(admin);

            var refused = admin.post(PATH, finish("ca", false));
            assertThat(refused.status()).isEqualTo(422);
            assertThat(refused.body()).contains("ann (").contains("force");
            assertThat(annotations(admin)).doesNotContainKey(Tenancy.ROTATE);

            assertThat(admin.post("/v1/tenants/acme/kubeconfigs/revoke", "{\"user\":\"ann\"}")
                            .status())
                    .isEqualTo(200);
            assertThat(admin.post(PATH, finish("ca", false)).status()).isEqualTo(202);
            assertThat(annotations(admin)).containsEntry(Tenancy.ROTATE, "ca: finish");

            assertThat(admin.post("/v1/tenants/acme/kubeconfig", "{\"user\":\"bob\"}")
                            .status())
                    .isEqualTo(200);
            assertThat(admin.post(PATH, finish("ca", false)).status()).isEqualTo(422);
            assertThat(admin.post(PATH, finish("ca", true)).status()).isEqualTo(202);
        }
    }

    private static String finish(String keys, boolean force) {
        return Json.object()
                .put("keys", keys)
                .put("phase", "finish")
                .put("force", force)
                .toString();
    }

    private static void begun(AdminFixture admin) {
        admin.host()
                .resources(Tenant.class)
                .withName("acme")
                .subresource("status")
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"status\":{\"conditions\":[{\"type\":\"AuthorityRotating\",\"status\":\"True\","
                                + "\"reason\":\"BothTaken\","
                                + "\"message\":\"\",\"lastTransitionTime\":\"2026-01-01T00:00:00Z\"}]}}");
    }

    private static Map<String, String> annotations(AdminFixture admin) {
        Map<String, String> all = admin.host()
                .resources(Tenant.class)
                .withName("acme")
                .get()
                .getMetadata()
                .getAnnotations();
        return all == null ? Map.of() : all;
    }
}
