package io.insula.controlplane.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.insula.controlplane.admin.AdminFixture.Answer;
import io.insula.controlplane.tenant.Tenancy;
import io.insula.controlplane.tenant.Tenant;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// What the admin API does about backups, which are made up here, on a host that is a real API server.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class AdminBackupsTest {

    private AdminFixture admin = unset();
    private int tests;
    private String name = "";
    private String tenant = "";
    private String backups = "";

    @BeforeAll
    void start(@TempDir Path folder) {
        admin = new AdminFixture(folder);
    }

    @BeforeEach
    void create() {
        name = "acme-" + ++tests;
        tenant = "/v1/tenants/" + name;
        backups = tenant + "/backups";
        assertThat(admin.post("/v1/tenants", "{\"name\":\"" + name + "\"}").status())
                .isEqualTo(201);
        admin.backups().ofTenant(tenant().getMetadata().getUid());
    }

    @AfterAll
    void stop() {
        admin.close();
    }

    @Test
    void recordsWhoHasDoneWhatWithWhichBackup() {
        String first = taken();
        String second = taken();
        assertThat(admin.get(backups).json().path("items"))
                .extracting(each -> each.path("id").asText())
                .containsExactly(second, first);
        assertThat(admin.post(backups + "/verify", choice(first)).status()).isEqualTo(200);
        assertThat(admin.post(backups + "/delete", choice(second)).status()).isEqualTo(200);
        assertThat(admin.post(tenant + "/restore", choice(first)).status()).isEqualTo(202);
        assertThat(admin.post(tenant + "/restore", choice(second)).status()).isEqualTo(404);
        assertThat(admin.post(tenant + "/release", "{}").status()).isEqualTo(202);

        assertThat(annotations())
                .containsEntry(Tenancy.RESTORE, first)
                .containsEntry(Tenancy.RELEASE_DELETES, "asked for");
        assertThat(events())
                .containsExactly(
                        "create backups " + first + " 201",
                        "create backups " + second + " 201",
                        "get backups  200",
                        "create backups " + first + " 200",
                        "create backups " + second + " 200",
                        "create restore " + first + " 202",
                        "create restore " + second + " 404",
                        "create release  202");
    }

    @Test
    void refusesWhatNamesNoBackup() {
        String good = taken();
        for (String wrong : List.of("../" + good, good + "/", "", ".", "x".repeat(5000), good + "\\u0000", "%2e%2e")) {
            for (String route : List.of(backups + "/verify", backups + "/delete", tenant + "/restore")) {
                Answer answer = admin.post(route, choice(wrong));
                assertThat(answer.status()).as(route + " " + wrong).isEqualTo(400);
                assertThat(answer.json().path("detail").asText()).contains("20260131T120000Z-1a2b");
            }
        }
        for (String nobody : List.of("nobody", "host", "..", "a..b", "x".repeat(41))) {
            String path = "/v1/tenants/" + nobody;
            for (Answer answer : List.of(
                    admin.get(path + "/backups"),
                    admin.post(path + "/backups", "{}"),
                    admin.post(path + "/backups/verify", choice(good)),
                    admin.post(path + "/backups/delete", choice(good)),
                    admin.post(path + "/restore", choice(good)),
                    admin.post(path + "/release", "{}"))) {
                assertThat(answer.status()).as(nobody + answer.body()).isEqualTo(404);
            }
        }
        assertThat(admin.post(tenant + "/restore", "{\"backup\":\"" + good + "\",\"force\":\"yes\"}")
                        .status())
                .isEqualTo(400);
        assertThat(admin.post(backups, "{\"scheduled\":true}").status()).isEqualTo(400);
        assertThat(annotations()).doesNotContainKey(Tenancy.RESTORE);
        assertThat(admin.backups().list(name)).hasSize(1);
    }

    /// A backup holds all of a tenant's secrets: who is no superuser neither has one taken nor learns that there is
    /// one.
    @Test
    void letsNobodyNearThemWhoIsNoSuperuser() {
        String good = taken();
        var mallory = admin.member("mallory", "insula:syncer", "system:masters");
        for (String line : List.of(
                "GET " + backups,
                "POST " + backups,
                "POST " + backups + "/verify",
                "POST " + backups + "/delete",
                "POST " + tenant + "/restore",
                "POST " + tenant + "/release")) {
            String body = line.startsWith("GET") ? "" : choice(good);
            Answer answer = admin.send(mallory, line + " HTTP/1.1", body, "Content-Type: application/json");
            assertThat(answer.status()).as(line).isEqualTo(403);
            assertThat(answer.body()).doesNotContain(good);
        }
        assertThat(annotations()).doesNotContainKey(Tenancy.RESTORE);
        assertThat(admin.backups().list(name)).hasSize(1);
    }

    @Test
    void makesATenantAgainThatIsGoneWithWhatItHad() {
        String good = taken();
        String bad = taken();
        admin.backups().damage(bad);
        admin.host().resource(tenant()).delete();

        assertThat(admin.get(backups).json().path("items")).hasSize(2);
        assertThat(admin.post(tenant + "/restore", choice(bad)).status()).isEqualTo(422);
        assertThat(find()).as("nothing is made of a damaged one").isEmpty();

        assertThat(admin.post(tenant + "/restore", choice(good)).status()).isEqualTo(202);
        assertThat(annotations()).containsEntry(Tenancy.RESTORE, good);
        assertThat(tenant().getSpec().profile()).isEqualTo("gvisor");
        assertThat(tenant().getMetadata().getLabels()).containsEntry("team", "a");

        assertThat(admin.post(tenant + "/restore", choice(good)).status())
                .as("asked for once more before it is done")
                .isEqualTo(202);
    }

    /// A tenant that only has the name of the one that was backed up is not overwritten by mistake.
    @Test
    void setsAnotherTenantOfThatNameBackOnlyByForce() {
        admin.backups().ofTenant("another-uid");
        String of = taken();

        Answer refused = admin.post(tenant + "/restore", choice(of));
        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.json().path("detail").asText()).contains("another-uid", "force");
        assertThat(annotations()).doesNotContainKey(Tenancy.RESTORE);

        assertThat(admin.post(tenant + "/restore", "{\"backup\":\"" + of + "\",\"force\":true}")
                        .status())
                .isEqualTo(202);
        assertThat(annotations()).containsEntry(Tenancy.RESTORE, of);
    }

    @Test
    void makesANewTenantOfABackupAndLeavesTheOtherOneAlone() {
        String good = taken();
        String bad = taken();
        admin.backups().damage(bad);
        String made = name + "-copy";
        String asked = "{\"backup\":\"" + good + "\",\"as\":\"" + made + "\"}";
        String before = tenant().getMetadata().getResourceVersion();

        assertThat(admin.post(tenant + "/restore", asked.replace(good, bad)).status())
                .isEqualTo(422);
        assertThat(admin.get("/v1/tenants/" + made).status())
                .as("nothing is made of a damaged one")
                .isEqualTo(404);

        assertThat(admin.post(tenant + "/restore", asked).status()).isEqualTo(202);
        assertThat(admin.post(tenant + "/restore", asked).status())
                .as("asked for once more before it is done")
                .isEqualTo(202);
        Tenant copy = admin.host().resources(Tenant.class).withName(made).get();
        assertThat(copy.getMetadata().getAnnotations()).containsExactly(Map.entry(Tenancy.RESTORE, name + "/" + good));
        assertThat(copy.getMetadata().getLabels()).containsExactly(Map.entry("team", "a"));
        assertThat(copy.getSpec().profile()).isEqualTo("gvisor");
        assertThat(tenant().getMetadata().getResourceVersion()).isEqualTo(before);
        assertThat(admin.eventsOf(name).getLast().path("annotations"))
                .anySatisfy(each -> assertThat(each.asText()).isEqualTo(made));

        String other = taken();
        assertThat(admin.post(tenant + "/restore", asked.replace(good, other)).status())
                .as("it is there, for another backup")
                .isEqualTo(409);
        admin.host().resource(tenant()).delete();
        assertThat(admin.post(tenant + "/restore", asked.replace(made, made + "2"))
                        .status())
                .as("of one that is gone")
                .isEqualTo(202);
    }

    @Test
    void makesNoTenantWhoseNameIsNoneOrTaken() {
        String good = taken();
        String taken = name + "-taken";
        assertThat(admin.post("/v1/tenants", "{\"name\":\"" + taken + "\"}").status())
                .isEqualTo(201);
        Map<String, Integer> names = Map.of(
                taken, 409, name, 422, "host", 422, "", 422, "..", 422, "a/b", 422, "A", 422, "x".repeat(41), 422);
        names.forEach((as, status) -> {
            String body = "{\"backup\":\"" + good + "\",\"as\":\"" + as + "\"}";
            assertThat(admin.post(tenant + "/restore", body).status()).as(as).isEqualTo(status);
        });
        for (String wrong : List.of("7", "true", "null", "[\"a\"]", "\"b\",\"force\":false", "\"b\",\"As\":\"c\"")) {
            String body = "{\"backup\":\"" + good + "\",\"as\":" + wrong + "}";
            assertThat(admin.post(tenant + "/restore", body).status()).as(wrong).isEqualTo(400);
        }
        assertThat(admin.send(
                                admin.member("mallory", "system:masters"),
                                "POST " + tenant + "/restore HTTP/1.1",
                                "{\"backup\":\"" + good + "\",\"as\":\"mallorys\"}",
                                "Content-Type: application/json")
                        .status())
                .isEqualTo(403);
        assertThat(annotations()).doesNotContainKey(Tenancy.RESTORE);
        assertThat(admin.get("/v1/tenants/mallorys").status()).isEqualTo(404);
        assertThat(admin.get("/v1/tenants/b").status()).isEqualTo(404);
    }

    @Test
    void setsNoTenantBackThatIsBeingDeleted() {
        String good = taken();
        admin.host().resource(tenant()).edit(current -> {
            current.addFinalizer("test.example/held");
            return current;
        });
        admin.host().resource(tenant()).delete();

        Answer refused = admin.post(tenant + "/restore", choice(good));
        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.json().path("detail").asText()).contains("is being deleted");
        assertThat(annotations()).doesNotContainKey(Tenancy.RESTORE);
    }

    private String taken() {
        Answer answer = admin.post(backups, "{}");
        assertThat(answer.status()).as(answer.toString()).isEqualTo(201);
        return answer.json().path("id").asText();
    }

    private static String choice(String backup) {
        return "{\"backup\":\"" + backup + "\"}";
    }

    private List<String> events() {
        return admin.eventsOf(name).stream()
                .filter(each -> !each.path("objectRef").path("subresource").isMissingNode())
                .map(each -> String.join(
                        " ",
                        each.path("verb").asText(),
                        each.path("objectRef").path("subresource").asText(),
                        each.path("annotations").path("insula.io/backup").asText(),
                        each.path("responseStatus").path("code").asText()))
                .toList();
    }

    private Map<String, String> annotations() {
        Map<String, String> all = tenant().getMetadata().getAnnotations();
        return all == null ? Map.of() : all;
    }

    private Tenant tenant() {
        return find().findFirst().orElseThrow();
    }

    private Stream<Tenant> find() {
        return admin.host().resources(Tenant.class).list().getItems().stream()
                .filter(each -> each.getMetadata().getName().equals(name));
    }

    @SuppressWarnings("NullAway") // set before the first test
    private static AdminFixture unset() {
        return null;
    }
}
