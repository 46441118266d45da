package io.insula.controlplane.service;

import io.insula.controlplane.admin.OidcPlan;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The options of `insula up` that say whose tokens the admin API takes, and what their groups may do. The names are
/// those of kube-apiserver's options where that has them.
final class OidcOptions {

    private static final String ISSUER = "oidc-issuer";
    private static final String CLIENT = "oidc-client-id";
    private static final String AUTHORITY = "oidc-ca";
    private static final String USERNAME = "oidc-username-claim";
    private static final String GROUPS = "oidc-groups-claim";
    private static final String ROLES = "oidc-role";

    @Option(
            names = "--oidc-issuer",
            paramLabel = "URL",
            description = "Takes tokens of this OpenID issuer, for people who log in with `insula login`; '' for none"
                    + " again. It is asked for its keys: one with a private address needs --egress.")
    private @Nullable String issuer;

    @Option(
            names = "--oidc-client-id",
            paramLabel = "ID",
            description = "What the issuer calls this installation: its tokens must be for it (aud).")
    private @Nullable String clientId;

    @Option(
            names = "--oidc-ca",
            paramLabel = "FILE",
            description = "Certificates of who signs for the issuer, PEM (default: the platform's).")
    private @Nullable String authority;

    @Option(
            names = "--oidc-username-claim",
            paramLabel = "CLAIM",
            description = "The claim that is the user's name, which oidc: is put before (default: sub).")
    private @Nullable String username;

    @Option(
            names = "--oidc-groups-claim",
            paramLabel = "CLAIM",
            description = "The claim that has the user's groups, which oidc: is put before (default: groups).")
    private @Nullable String groups;

    @Option(
            names = "--oidc-role",
            paramLabel = "ROLE=GROUP",
            split = ",",
            description = "Gives a group of the issuer's the role superuser, operator or auditor; several with commas"
                    + " between. Who owns a tenant, or may log in to it, says `insula tenant access`; nobody else"
                    + " may do anything.")
    private @Nullable List<String> roles;

    /// Empty where there is no issuer.
    ///
    /// @throws OptionException when what is given makes none
    Optional<OidcPlan> plan() {
        if (text(issuer).isEmpty()) {
            requireNothingElse();
            return Optional.empty();
        }
        if (text(clientId).isEmpty()) {
            throw new OptionException("--oidc-client-id: missing (expected: what the issuer of --oidc-issuer calls"
                    + " this installation); nothing was changed");
        }
        try {
            return Optional.of(new OidcPlan(
                    text(issuer), text(clientId), pem(), orElse(username, "sub"), orElse(groups, "groups"), byGroup()));
        } catch (IllegalArgumentException e) {
            throw new OptionException("--oidc-issuer: " + e.getMessage() + "; nothing was changed", e);
        }
    }

    /// What was given, by the options' names without dashes.
    Map<String, String> given() {
        var all = new LinkedHashMap<String, String>();
        add(all, ISSUER, issuer);
        add(all, CLIENT, clientId);
        add(
                all,
                AUTHORITY,
                text(authority).isEmpty() ? authority : file().toAbsolutePath().toString());
        add(all, USERNAME, username);
        add(all, GROUPS, groups);
        add(all, ROLES, roles == null ? null : String.join(",", roles));
        return all;
    }

    /// Takes what was not given from what was given before; of another issuer nothing holds that was said of the former
    /// one.
    void completeWith(Map<String, String> before) {
        boolean same = issuer == null || issuer.equals(before.get(ISSUER));
        if (!same) {
            return;
        }
        issuer = before.get(ISSUER);
        clientId = clientId == null ? before.get(CLIENT) : clientId;
        authority = authority == null ? before.get(AUTHORITY) : authority;
        username = username == null ? before.get(USERNAME) : username;
        groups = groups == null ? before.get(GROUPS) : groups;
        if (roles == null && before.containsKey(ROLES)) {
            roles = List.of(before.getOrDefault(ROLES, "").split(",", -1));
        }
    }

    /// A forgotten issuer must not look like one that is there.
    private void requireNothingElse() {
        Map<String, String> others = given();
        others.remove(ISSUER);
        others.values().removeIf(String::isEmpty);
        if (!others.isEmpty()) {
            throw new OptionException("--" + String.join(", --", others.keySet())
                    + ": of no issuer (expected: --oidc-issuer, too); nothing was changed");
        }
    }

    private Map<String, Set<String>> byGroup() {
        var all = new LinkedHashMap<String, Set<String>>();
        List<String> pairs = roles == null || roles.equals(List.of("")) ? List.of() : roles;
        for (String given : pairs) {
            int equals = given.indexOf('=');
            if (equals <= 0 || equals == given.length() - 1) {
                throw new OptionException("--oidc-role: \"" + given + "\" (expected: ROLE=GROUP, several with commas"
                        + " between); nothing was changed");
            }
            all.computeIfAbsent(given.substring(equals + 1), _ -> new LinkedHashSet<>())
                    .add(given.substring(0, equals));
        }
        return all;
    }

    private String pem() {
        if (text(authority).isEmpty()) {
            return "";
        }
        try {
            return Files.readString(file(), StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new OptionException("--oidc-ca: cannot read " + file() + " (" + e + "); nothing was changed", e);
        }
    }

    private Path file() {
        return Path.of(text(authority));
    }

    private static String orElse(@Nullable String given, String otherwise) {
        return text(given).isEmpty() ? otherwise : text(given);
    }

    private static String text(@Nullable String value) {
        return value == null ? "" : value;
    }

    private static void add(Map<String, String> all, String name, @Nullable String value) {
        if (value != null) {
            all.put(name, value);
        }
    }
}
