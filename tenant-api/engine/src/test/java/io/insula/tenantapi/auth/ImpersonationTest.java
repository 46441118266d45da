package io.insula.tenantapi.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.insula.tenantapi.api.ApiException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ImpersonationTest {

    private static final UserInfo ALICE = new UserInfo("alice", "", List.of(UserInfo.AUTHENTICATED), Map.of());

    private final List<String> asked = new ArrayList<>();
    private final Authorizer yes = attributes -> {
        asked.add(attributes.verb() + " " + attributes.group() + "/" + attributes.resource() + "/"
                + attributes.subresource() + " " + attributes.namespace() + "/" + attributes.name());
        return new Authorizer.Decision(true, "");
    };

    @Test
    void leavesTheUserAloneWithoutHeaders() {
        assertThat(Impersonation.resolve(ALICE, Map.of(), yes)).isSameAs(ALICE);
    }

    @Test
    void asksForEveryPartOfTheWantedIdentity() {
        var user = Impersonation.resolve(
                ALICE,
                Map.of(
                        "impersonate-user", List.of("bob"),
                        "impersonate-group", List.of("dev", "ops"),
                        "impersonate-uid", List.of("7"),
                        "impersonate-extra-acme.com%2fscope", List.of("view")),
                yes);

        assertThat(asked)
                .containsExactly(
                        "impersonate /users/ /bob",
                        "impersonate /groups/ /dev",
                        "impersonate /groups/ /ops",
                        "impersonate authentication.k8s.io/userextras/acme.com/scope /view",
                        "impersonate authentication.k8s.io/uids/ /7");
        assertThat(user)
                .isEqualTo(new UserInfo(
                        "bob",
                        "7",
                        List.of("dev", "ops", "system:authenticated"),
                        Map.of("acme.com/scope", List.of("view"))));
    }

    @Test
    void givesAServiceAccountItsGroups() {
        var user = Impersonation.resolve(
                ALICE, Map.of("impersonate-user", List.of("system:serviceaccount:shop:cart")), yes);

        assertThat(asked).containsExactly("impersonate /serviceaccounts/ shop/cart");
        assertThat(user.groups())
                .containsExactly("system:serviceaccounts", "system:serviceaccounts:shop", "system:authenticated");
    }

    @Test
    void refusesWhatTheAuthorizerDoesNotAllow() {
        Authorizer usersOnly =
                attributes -> new Authorizer.Decision(attributes.resource().equals("users"), "");

        assertThatThrownBy(() -> Impersonation.resolve(
                        ALICE,
                        Map.of(
                                "impersonate-user", List.of("bob"),
                                "impersonate-group", List.of("system:masters")),
                        usersOnly))
                .hasMessage("groups \"system:masters\" is forbidden: User \"alice\" cannot impersonate resource"
                        + " \"groups\" in API group \"\" at the cluster scope");
    }

    @Test
    void refusesGroupsWithoutAUser() {
        assertThatThrownBy(
                        () -> Impersonation.resolve(ALICE, Map.of("impersonate-group", List.of("system:masters")), yes))
                .isInstanceOfSatisfying(
                        ApiException.class, e -> assertThat(e.code()).isEqualTo(500))
                .hasMessageContaining("without impersonating a user");
    }
}
