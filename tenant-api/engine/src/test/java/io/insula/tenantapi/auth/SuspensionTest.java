package io.insula.tenantapi.auth;

import static org.assertj.core.api.Assertions.assertThat;

import io.insula.tenantapi.auth.Authorizer.Decision;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What is a write, whatever it is called.
final class SuspensionTest {

    private static final UserInfo MASTER = user("root", "system:masters");
    private static final UserInfo SERVES = user("serves", "serves");

    private final AtomicBoolean holds = new AtomicBoolean(true);
    private final Suspension suspension =
            new Suspension(holds::get, user -> user.groups().contains("serves"));

    record Case(String what, Attributes wanted, boolean isRead) {
        @Override
        public String toString() {
            return what;
        }
    }

    static Stream<Case> cases() {
        return Stream.of(
                read("get", "", "v1", "pods", ""),
                read("list", "apps", "v1", "deployments", ""),
                read("watch", "behind.example.com", "v1", "things", ""),
                read("get", "", "v1", "pods", "log"),
                read("get", "apps", "v1", "deployments", "scale"),
                read("create", "authorization.k8s.io", "v1", "selfsubjectaccessreviews", ""),
                read("create", "authorization.k8s.io", "v1", "localsubjectaccessreviews", ""),
                read("create", "authentication.k8s.io", "v1", "tokenreviews", ""),
                read("impersonate", "", "v1", "serviceaccounts", ""),
                read("impersonate", "authentication.k8s.io", "v1", "userextras", "scopes"),
                write("create", "", "v1", "pods", ""),
                write("update", "", "v1", "pods", "status"),
                write("patch", "apps", "v1", "deployments", "scale"),
                write("delete", "", "v1", "pods", ""),
                write("deletecollection", "", "v1", "pods", ""),
                write("create", "", "v1", "pods", "eviction"),
                write("create", "", "v1", "serviceaccounts", "token"),
                write("get", "", "v1", "pods", "exec"),
                write("get", "", "v1", "pods", "attach"),
                write("get", "", "v1", "pods", "portforward"),
                write("get", "", "v1", "services", "proxy"),
                write("get", "", "v1", "nodes", "proxy"),
                write("create", "authorization.k8s.io", "v9", "selfsubjectaccessreviews", ""),
                write("create", "authorization.k8s.io", "v1", "selfsubjectaccessreviews", "status"),
                write("create", "behind.example.com", "v1", "selfsubjectaccessreviews", ""),
                write("impersonate", "behind.example.com", "v1", "users", ""),
                write("impersonate", "", "v1", "pods", ""),
                write("escalate", "rbac.authorization.k8s.io", "v1", "clusterroles", ""),
                write("approve", "certificates.k8s.io", "v1", "signers", ""),
                write("propfind", "behind.example.com", "v1", "things", ""),
                write("GET", "", "v1", "pods", ""),
                new Case("get /version", path("get", "/version"), true),
                new Case("head /livez", path("head", "/livez"), true),
                new Case("post /version", path("post", "/version"), false),
                new Case("options /version", path("options", "/version"), false));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void knowsWhatIsNoRead(Case each) {
        Authorizer all = suspension.before(_ -> new Decision(true, "anything"));

        Decision suspended = all.authorize(each.wanted());
        assertThat(suspended.allowed()).isEqualTo(each.isRead());
        assertThat(suspended.reason()).isEqualTo(each.isRead() ? "anything" : Suspension.REASON);

        assertThat(all.authorize(as(SERVES, each.wanted())).allowed()).isTrue();
        assertThat(suspension
                        .before(_ -> new Decision(false, "no role"))
                        .authorize(each.wanted())
                        .reason())
                .as("it gives nobody anything")
                .isEqualTo("no role");
        holds.set(false);
        assertThat(all.authorize(each.wanted()).allowed()).isTrue();
    }

    private static Case read(String verb, String group, String version, String resource, String subresource) {
        return new Case(
                String.join(" ", verb, group, resource, subresource),
                of(verb, group, version, resource, subresource),
                true);
    }

    private static Case write(String verb, String group, String version, String resource, String subresource) {
        return new Case(
                String.join(" ", verb, group, version, resource, subresource),
                of(verb, group, version, resource, subresource),
                false);
    }

    private static Attributes of(String verb, String group, String version, String resource, String subresource) {
        return new Attributes(MASTER, verb, group, version, resource, subresource, "default", "x", "");
    }

    private static Attributes path(String verb, String path) {
        return new Attributes(MASTER, verb, "", "", "", "", "", "", path);
    }

    private static Attributes as(UserInfo user, Attributes of) {
        return new Attributes(
                user,
                of.verb(),
                of.group(),
                of.version(),
                of.resource(),
                of.subresource(),
                of.namespace(),
                of.name(),
                of.path());
    }

    private static UserInfo user(String name, String group) {
        return new UserInfo(name, "", List.of(group), Map.of());
    }
}
