package io.insula.tenantapi.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.http.TestPki;
import io.insula.tenantapi.storage.memory.InMemoryStorage;
import io.insula.tenantapi.tunnel.Dial;
import io.insula.tenantapi.tunnel.Tunnel;
import io.micronaut.context.ApplicationContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// Requests that become connections: who may have one, for how long, and what is recorded of it.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class UpgradedRequestTest {

    private static final String EXEC = "/api/v1/namespaces/default/pods/p/exec?command=sh&stdin=true";
    private static final GroupVersionResource ROLES =
            new GroupVersionResource("rbac.authorization.k8s.io", "v1", "roles");
    private static final GroupVersionResource BINDINGS =
            new GroupVersionResource("rbac.authorization.k8s.io", "v1", "rolebindings");

    private final ApplicationContext beans = ApplicationContext.run();
    private final List<ObjectNode> audited = new CopyOnWriteArrayList<>();
    private final Set<X509Certificate> revoked = ConcurrentHashMap.newKeySet();
    private final LocalServer local;

    UpgradedRequestTest() throws Exception {
        local = new LocalServer(
                beans.getBean(ServerComponents.class),
                new InMemoryStorage(),
                0,
                config -> config.auditSink(event -> audited.add(event.deepCopy()))
                        .revoked(revoked::contains)
                        .passThrough((_, _, _, _, responder) -> echo(
                                responder.upgrade(Map.of("Connection", List.of("Upgrade"), "Upgrade", List.of("x"))))));
    }

    @BeforeAll
    void makeRoleAndPod() {
        create(new GroupVersionResource("", "v1", "serviceaccounts"), """
                {"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"default","namespace":"default"}}""");
        create(new GroupVersionResource("", "v1", "pods"), """
                {"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","namespace":"default"},
                 "spec":{"containers":[{"name":"c","image":"i"}]}}""");
        create(ROLES, """
                {"apiVersion":"rbac.authorization.k8s.io/v1","kind":"Role","metadata":{"name":"shell","namespace":"default"},
                 "rules":[{"apiGroups":[""],"resources":["pods/exec"],"verbs":["create"]}]}""");
    }

    @AfterAll
    void stop() {
        local.close();
        beans.close();
    }

    @Test
    void isRecordedWhenItBeginsAndWhenItEndsWithoutWhatWasSaid() throws Exception {
        audited.clear();
        try (Tunnel tunnel = dialed(local.admin(), "POST")) {
            tunnel.out().write("secret words".getBytes(StandardCharsets.UTF_8));
            assertThat(tunnel.in().readNBytes(12)).asString().isEqualTo("secret words");
            assertThat(stages()).containsExactly("ResponseStarted 101");
        }
        ServiceFixture.await("the end is recorded", () -> stages().contains("ResponseComplete 101"));
        assertThat(audited.toString()).doesNotContain("secret words");
    }

    @Test
    void whoMayNotIsRefused() throws Exception {
        var stranger = local.pki().client("CN=stranger");
        assertThat(answer(stranger, "POST")).isInstanceOfSatisfying(Dial.Answer.Refused.class, refused -> {
            assertThat(refused.status()).isEqualTo(403);
            assertThat(new String(refused.body(), StandardCharsets.UTF_8))
                    .contains("cannot create resource \\\"pods/exec\\\"");
        });
    }

    /// As upstream 1.34: the verb is the method's, and WebSockets are asked for by GET.
    @Test
    void theVerbFollowsFromTheMethod() throws Exception {
        allow("by-method");
        var user = local.pki().client("CN=by-method");
        dialed(user, "POST").close();
        assertThat(answer(user, "GET"))
                .isInstanceOfSatisfying(
                        Dial.Answer.Refused.class,
                        refused -> assertThat(refused.status()).isEqualTo(403));
    }

    @Test
    void endsWhenTheRightIsTaken() throws Exception {
        allow("soon-forbidden");
        try (Tunnel kept = dialed(local.admin(), "POST");
                Tunnel tunnel = dialed(local.pki().client("CN=soon-forbidden"), "POST")) {
            tunnel.out().write('x');
            assertThat(tunnel.in().read()).isEqualTo('x');
            local.server().client().delete(BINDINGS, "default", "soon-forbidden", Json.object());
            assertThat(tunnel.in().read()).isEqualTo(-1);
            kept.out().write('x');
            assertThat(kept.in().read()).isEqualTo('x');
        }
    }

    @Test
    void endsWhenTheCertificateIsRevoked() throws Exception {
        allow("soon-revoked");
        var user = local.pki().client("CN=soon-revoked");
        try (Tunnel tunnel = dialed(user, "POST")) {
            tunnel.out().write('x');
            assertThat(tunnel.in().read()).isEqualTo('x');
            revoked.add(user.certificate());
            assertThat(tunnel.in().read()).isEqualTo(-1);
        }
    }

    @Test
    void whoDoesNotAskIsTold() throws Exception {
        var answer = Dial.upgrade(peer(local.admin()), "POST", EXEC, Map.of(), ServiceFixture.DEADLINE);
        assertThat(answer).isInstanceOfSatisfying(Dial.Answer.Refused.class, refused -> {
            assertThat(refused.status()).isEqualTo(400);
            assertThat(new String(refused.body(), StandardCharsets.UTF_8)).contains("Upgrade request required");
        });
    }

    private void allow(String user) {
        create(BINDINGS, """
                {"apiVersion":"rbac.authorization.k8s.io/v1","kind":"RoleBinding",
                 "metadata":{"name":"%1$s","namespace":"default"},
                 "roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"shell"},
                 "subjects":[{"apiGroup":"rbac.authorization.k8s.io","kind":"User","name":"%1$s"}]}
                """.formatted(user));
    }

    private void create(GroupVersionResource resource, String text) {
        local.server().client().create(resource, "default", Json.parse(text.getBytes(StandardCharsets.UTF_8)));
    }

    private List<String> stages() {
        return audited.stream()
                .map(event -> event.path("stage").asText() + " "
                        + event.path("responseStatus").path("code").asInt())
                .toList();
    }

    private Tunnel dialed(TestPki.Identity user, String method) throws Exception {
        return ((Dial.Answer.Upgraded) answer(user, method)).tunnel();
    }

    private Dial.Answer answer(TestPki.Identity user, String method) throws Exception {
        return Dial.upgrade(
                peer(user),
                method,
                EXEC,
                Map.of("Connection", List.of("Upgrade"), "Upgrade", List.of("x")),
                ServiceFixture.DEADLINE);
    }

    private Dial.Peer peer(TestPki.Identity user) throws Exception {
        return new Dial.Peer(
                "127.0.0.1", local.server().port(), Optional.of(local.pki().clientContext(user)));
    }

    private static void echo(Tunnel tunnel) {
        try (tunnel) {
            byte[] piece = new byte[1024];
            for (int count = tunnel.in().read(piece);
                    count >= 0;
                    count = tunnel.in().read(piece)) {
                tunnel.out().write(piece, 0, count);
            }
        } catch (IOException e) {
            // the test, or the server, has ended it
            if (e instanceof java.io.InterruptedIOException) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
