package io.insula.controlplane.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.auth.structured.AuthenticationConfig;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Whose tokens the admin API takes, and what their groups may do. Immutable.
///
/// @param issuer its URL, as `iss` of its tokens has it
/// @param clientId as `aud` of tokens for this installation has it
/// @param authority PEM of whoever signs for the issuer; empty for the platform's authorities
/// @param usernameClaim the claim that is the user's name, after [#PREFIX]
/// @param groupsClaim the claim that has the user's groups, after [#PREFIX]
/// @param roles by the issuer's groups, the words of roles that they give in the whole installation
public record OidcPlan(
        String issuer,
        String clientId,
        String authority,
        String usernameClaim,
        String groupsClaim,
        Map<String, Set<String>> roles) {

    /// What users and groups of tokens begin with, here and in tenants: they cannot be taken for anybody else's.
    public static final String PREFIX = "oidc:";

    public OidcPlan {
        roles = Map.copyOf(roles);
        roles.forEach((group, words) -> words.forEach(word -> {
            if (Role.of(word).filter(role -> !role.isOfOneTenant()).isEmpty()) {
                throw new IllegalArgumentException(
                        "role \"" + word + "\" of group \"" + group
                                + "\" (expected: superuser, operator or auditor; owners and members are named by their tenant)");
            }
        }));
        var _ = compiled(issuer, clientId, authority, usernameClaim, groupsClaim);
    }

    /// As the API servers take tokens.
    AuthenticationConfig config() {
        return compiled(issuer, clientId, authority, usernameClaim, groupsClaim);
    }

    /// The groups that stand for roles here, of somebody whose token has others.
    ///
    /// @param groups with [#PREFIX]
    Set<String> standing(List<String> groups) {
        var all = new LinkedHashSet<String>();
        groups.stream()
                .filter(group -> group.startsWith(PREFIX))
                .map(group -> roles.getOrDefault(group.substring(PREFIX.length()), Set.of()))
                .forEach(words -> words.forEach(
                        word -> all.add(Role.of(word).orElseThrow().groupFor(""))));
        return all;
    }

    private static AuthenticationConfig compiled(
            String issuer, String clientId, String authority, String usernameClaim, String groupsClaim) {
        ObjectNode tree = Json.object();
        ObjectNode jwt = tree.putArray("jwt").addObject();
        ObjectNode from = jwt.putObject("issuer").put("url", issuer).put("certificateAuthority", authority);
        from.putArray("audiences").add(clientId);
        ObjectNode mappings = jwt.putObject("claimMappings");
        mappings.putObject("username").put("claim", usernameClaim).put("prefix", PREFIX);
        mappings.putObject("groups").put("claim", groupsClaim).put("prefix", PREFIX);
        return AuthenticationConfig.of(tree, List.of());
    }
}
