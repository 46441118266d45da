package io.insula.tenantapi.rbac;

import static org.assertj.core.api.Assertions.assertThat;

import io.insula.tenantapi.auth.Attributes;
import io.insula.tenantapi.auth.Authorizer;
import io.insula.tenantapi.auth.Authorizer.Decision;
import io.insula.tenantapi.auth.Authorizer.ResourceRule;
import io.insula.tenantapi.auth.UserInfo;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class StandingRightsTest {

    private static final String GROUP = "outside:servers";
    private static final UserInfo SERVER = user("server", GROUP);
    private static final UserInfo MASTER = user("root", UserInfo.MASTERS);

    private static final StandingRights RIGHTS = new StandingRights(
            GROUP,
            List.of(
                    new ResourceRule(List.of("get", "list"), List.of(""), List.of("pods"), List.of()),
                    new ResourceRule(List.of("patch"), List.of(""), List.of("pods/status"), List.of())));

    record Case(String name, UserInfo user, String verb, String resource, String of, boolean allowed) {
        @Override
        public String toString() {
            return name;
        }
    }

    /// Roles of the cluster allow masters everything, and everybody to read nodes.
    private static Decision roles(Attributes wanted) {
        return new Decision(
                wanted.user().groups().contains(UserInfo.MASTERS)
                        || wanted.resource().equals("nodes"),
                "");
    }

    @ParameterizedTest
    @MethodSource("cases")
    void decides(Case each) {
        int slash = each.resource().indexOf('/');
        var wanted = new Attributes(
                each.user(),
                each.verb(),
                "",
                "v1",
                slash < 0 ? each.resource() : each.resource().substring(0, slash),
                slash < 0 ? "" : each.resource().substring(slash + 1),
                "",
                each.of(),
                "");
        Authorizer authorizer = RIGHTS.before(StandingRightsTest::roles);
        assertThat(authorizer.authorize(wanted).allowed()).isEqualTo(each.allowed());
    }

    /// What is given and taken while the server runs.
    @Test
    void decidesByWhatHoldsNow() {
        var more = new AtomicReference<>(List.<ResourceRule>of());
        Authorizer authorizer = RIGHTS.and(more::get).before(StandingRightsTest::roles);
        var wanted = new Attributes(SERVER, "get", "example.com", "v1", "widgets", "", "shop", "a", "");
        assertThat(authorizer.authorize(wanted).allowed()).isFalse();

        more.set(List.of(new ResourceRule(List.of("get"), List.of("example.com"), List.of("widgets"), List.of())));
        assertThat(authorizer.authorize(wanted).allowed()).isTrue();
        assertThat(authorizer.rulesFor(SERVER, "shop").resourceRules()).containsAll(more.get());
        more.set(List.of());
        assertThat(authorizer.authorize(wanted).allowed()).isFalse();
    }

    private static Stream<Case> cases() {
        return Stream.of(
                new Case("what is named", SERVER, "get", "pods", "a", true),
                new Case("a subresource that is named", SERVER, "patch", "pods/status", "a", true),
                new Case("another verb", SERVER, "delete", "pods", "a", false),
                new Case("another subresource", SERVER, "get", "pods/exec", "a", false),
                new Case("the object of the subresource", SERVER, "patch", "pods", "a", false),
                new Case("what roles give besides", SERVER, "get", "nodes", "a", true),
                new Case("somebody else", user("jane"), "get", "pods", "a", false),
                new Case("the same name, not the group", user("server"), "get", "pods", "a", false),
                new Case("masters do anything", MASTER, "delete", "secrets", "a", true),
                new Case("masters act as anybody", MASTER, "impersonate", "groups", "dev", true),
                new Case("but not as one of these", MASTER, "impersonate", "groups", GROUP, false),
                new Case("nor do they themselves", SERVER, "impersonate", "groups", GROUP, false),
                new Case("a user of the group's name is nobody", MASTER, "impersonate", "users", GROUP, true));
    }

    private static UserInfo user(String name, String... groups) {
        return new UserInfo(name, "", List.of(groups), Map.of());
    }
}
