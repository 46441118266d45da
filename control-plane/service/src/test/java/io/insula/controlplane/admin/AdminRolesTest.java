package io.insula.controlplane.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.insula.controlplane.admin.AdminFixture.Answer;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// People with other roles than a superuser's, each of whom asks for everything that there is.
final class AdminRolesTest {

    @TempDir
    private Path folder;

    private AdminFixture admin;

    @BeforeEach
    void start() {
        admin = new AdminFixture(folder);
        create("acme");
        create("globex");
    }

    @AfterEach
    void stop() {
        admin.close();
    }

    @ParameterizedTest
    @EnumSource
    void getsWhatTheTableSaysAndNothingElse(Role role) {
        SSLContext somebody = admin.member("somebody", role.groupFor(uid("acme")));
        for (Route route : admin.routes()) {
            boolean expected =
                    role == Role.SUPERUSER || RoleTable.of(route.operation()).contains(role);
            Answer answer = ask(somebody, route, "acme");
            assertThat(answer.status() != 403)
                    .as("%s by %s: %s", route.operation(), role, answer.body())
                    .isEqualTo(expected);
            assertThat(answer.status()).as(route.operation()).isNotIn(0, 401, 500);
        }
    }

    /// What an owner may do is for that one tenant: no other, no list, and not for what is only called the same.
    @Test
    void ownsOneTenantAndNoOther() {
        SSLContext owner = admin.member("olga", Role.OWNER.groupFor(uid("acme")));
        for (Route route : admin.routes()) {
            for (String other : List.of("globex", "nobody", "acm", "ACME", "..", "%61cme")) {
                boolean isInPath = route.template().contains("{name}");
                // the values of a query are decoded, those of a path are not
                if (isInPath || (route.operation().equals("readAudit") && !other.startsWith("%"))) {
                    assertThat(ask(owner, route, other).status())
                            .as("%s of %s", route.operation(), other)
                            .isIn(403, 404);
                }
            }
        }
        assertThat(get(owner, "/v1/tenants/globex").body().replace("globex", "X"))
                .as("whether there is another tells nothing")
                .isEqualTo(get(owner, "/v1/tenants/nobody").body().replace("nobody", "X"));
        assertThat(get(owner, "/v1/audit?tenant=acme").status()).isEqualTo(200);
        assertThat(get(owner, "/v1/audit").status()).as("of all tenants").isEqualTo(403);
        assertThat(get(owner, "/v1/audit?tenant=").status()).isEqualTo(403);
        assertThat(get(owner, "/v1/audit?tenant=globex").status()).isEqualTo(403);

        admin.delete("/v1/tenants/acme");
        create("acme");
        assertThat(get(owner, "/v1/tenants/acme").status())
                .as("a tenant made later by that name is somebody else's")
                .isEqualTo(403);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "insula:owners",
                "insula:owners:",
                "insula:owner:acme",
                "insula:owners:acme",
                "insula:operators:acme",
                "insula:operators ",
                "insula:auditor",
                "system:masters"
            })
    void isNobodyInGroupsThatOnlyLookAlike(String group) {
        SSLContext mallory = admin.member("mallory", group);
        for (Route route : admin.routes()) {
            assertThat(ask(mallory, route, "acme").status())
                    .as(route.operation())
                    .isEqualTo(403);
        }
    }

    @Test
    void givesRolesThatEndAtOnceWhenTheyAreRevoked() throws Exception {
        Answer given = admin.post(
                "/v1/admins/kubeconfig", "{\"user\":\"kim\",\"role\":\"auditor\",\"expirationSeconds\":600}");
        assertThat(given.status()).as(given.body()).isEqualTo(200);
        assertThat(given.json().path("kubeconfig").asText()).contains("kind: Config", "insula-admin");
        assertThat(given.json().path("groups").toString()).isEqualTo("[\"insula:auditors\"]");
        SSLContext kim = AdminFixture.tls(given.json().path("kubeconfig").asText());
        assertThat(get(kim, "/v1/tenants").status()).isEqualTo(200);
        assertThat(admin.get("/v1/admins/kubeconfigs").body()).contains("\"kim\"");

        assertThat(admin.post("/v1/admins/kubeconfigs/revoke", "{\"user\":\"kim\"}")
                        .status())
                .isEqualTo(200);

        assertThat(get(kim, "/v1/tenants").status()).isEqualTo(401);
        assertThat(admin.events())
                .anySatisfy(event -> assertThat(event.path("annotations").toString())
                        .contains("\"insula.io/admin-role\":\"auditor\"", "\"insula.io/kubeconfig-user\":\"kim\""));
    }

    @Test
    void refusesRolesThatNobodyCanHave() {
        for (String body : List.of(
                "{\"user\":\"kim\"}",
                "{\"user\":\"kim\",\"role\":\"root\"}",
                "{\"user\":\"kim\",\"role\":\"OWNER\",\"tenant\":\"acme\"}",
                "{\"user\":\"kim\",\"role\":\"owner\"}",
                "{\"user\":\"kim\",\"role\":\"owner\",\"tenant\":\"nobody\"}",
                "{\"user\":\"kim\",\"role\":\"operator\",\"tenant\":\"acme\"}",
                "{\"user\":\"kim\",\"role\":\"operator\",\"groups\":[\"insula:superusers\"]}",
                "{\"user\":\"system:admin\",\"role\":\"operator\"}",
                "{\"user\":\"kim\",\"role\":\"operator\",\"expirationSeconds\":1}")) {
            assertThat(admin.post("/v1/admins/kubeconfig", body).status())
                    .as(body)
                    .isIn(400, 404, 422);
        }
        assertThat(admin.get("/v1/admins/kubeconfigs").json().path("items")).isEmpty();
    }

    @Test
    void keepsTheHomesOwnSuperuser() {
        Answer refused = admin.post("/v1/admins/kubeconfigs/revoke", "{\"serial\":\"" + admin.ownSerial() + "\"}");
        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.body()).contains("own superuser");
    }

    @Test
    void namesOnlyOperationsThatThereAre() {
        Set<String> there = new TreeSet<>();
        admin.routes().forEach(route -> there.add(route.operation()));
        assertThat(there).containsAll(RoleTable.ALL.keySet());
    }

    private Answer ask(SSLContext tls, Route route, String tenant) {
        String target = route.template().replace("{name}", tenant)
                + (route.operation().equals("readAudit") ? "?tenant=" + tenant : "");
        boolean hasBody = route.body().isPresent();
        return admin.send(
                tls,
                route.method() + " " + target + " HTTP/1.1",
                hasBody ? "{}" : "",
                hasBody ? new String[] {"Content-Type: application/json"} : new String[0]);
    }

    private Answer get(SSLContext tls, String target) {
        return admin.send(tls, "GET " + target + " HTTP/1.1", "");
    }

    private void create(String name) {
        assertThat(admin.post("/v1/tenants", "{\"name\":\"" + name + "\"}").status())
                .isEqualTo(201);
    }

    private String uid(String name) {
        return admin.get("/v1/tenants/" + name).json().at("/metadata/uid").asText();
    }
}
