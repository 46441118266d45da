package io.insula.tenantapi.auth;

import io.insula.tenantapi.api.ApiException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Lets a user act as another by the `Impersonate-…` headers. Every part of the wanted identity needs the verb
/// `impersonate` on it. Source: kubernetes/apiserver, `filters/impersonation`.
public final class Impersonation {

    private static final String AUTHENTICATION = "authentication.k8s.io";
    private static final String EXTRA = "impersonate-extra-";

    private Impersonation() {}

    /// The user that the request acts as: `user` itself where no header asks for another.
    ///
    /// @param headers by lower-case name
    /// @throws ApiException 403 when a part is not allowed, 500 when parts are asked for without a user
    public static UserInfo resolve(UserInfo user, Map<String, List<String>> headers, Authorizer authorizer) {
        var wanted = Wanted.of(headers);
        if (wanted.isEmpty()) {
            return user;
        }
        for (Attributes attributes : wanted.demands(user)) {
            Authorizer.Decision decision = authorizer.authorize(attributes);
            if (!decision.allowed()) {
                throw Forbidden.of(attributes, decision);
            }
        }
        return wanted.toUser();
    }

    private record Wanted(String name, String uid, List<String> groups, Map<String, List<String>> extra) {

        static Wanted of(Map<String, List<String>> headers) {
            var extra = new LinkedHashMap<String, List<String>>();
            headers.forEach((header, values) -> {
                if (header.toLowerCase(Locale.ROOT).startsWith(EXTRA)) {
                    extra.put(unescape(header.substring(EXTRA.length()).toLowerCase(Locale.ROOT)), List.copyOf(values));
                }
            });
            var wanted = new Wanted(
                    first(headers, "impersonate-user"),
                    first(headers, "impersonate-uid"),
                    headers.getOrDefault("impersonate-group", List.of()),
                    extra);
            wanted.checkUser();
            return wanted;
        }

        boolean isEmpty() {
            return name.isEmpty();
        }

        private void checkUser() {
            if (name.isEmpty() && !(groups.isEmpty() && uid.isEmpty() && extra.isEmpty())) {
                throw ApiException.internal(
                        "requested impersonation of groups, uid or extra" + " without impersonating a user", null);
            }
        }

        List<Attributes> demands(UserInfo user) {
            var all = new ArrayList<Attributes>();
            ServiceAccountName.parse(name)
                    .ifPresentOrElse(
                            account -> all.add(
                                    demand(user, "", "serviceaccounts", "", account.namespace(), account.name())),
                            () -> all.add(demand(user, "", "users", "", "", name)));
            groups.forEach(group -> all.add(demand(user, "", "groups", "", "", group)));
            extra.forEach((key, values) ->
                    values.forEach(value -> all.add(demand(user, AUTHENTICATION, "userextras", key, "", value))));
            if (!uid.isEmpty()) {
                all.add(demand(user, AUTHENTICATION, "uids", "", "", uid));
            }
            return all;
        }

        UserInfo toUser() {
            var all = new ArrayList<>(groups);
            if (groups.isEmpty()) {
                ServiceAccountName.parse(name)
                        .ifPresent(account -> all.addAll(Groups.ofServiceAccounts(account.namespace())));
            }
            String implied = name.equals(UserInfo.ANONYMOUS) ? UserInfo.UNAUTHENTICATED : UserInfo.AUTHENTICATED;
            if (!all.contains(implied) && !all.contains(UserInfo.UNAUTHENTICATED)) {
                all.add(implied);
            }
            return new UserInfo(name, uid, all, extra);
        }

        private static Attributes demand(
                UserInfo user, String group, String resource, String subresource, String namespace, String name) {
            return new Attributes(user, "impersonate", group, "v1", resource, subresource, namespace, name, "");
        }

        private static String first(Map<String, List<String>> headers, String name) {
            List<String> values = headers.getOrDefault(name, List.of());
            return values.isEmpty() ? "" : values.getFirst();
        }

        /// Percent-decodes; a key that does not decode is taken as it stands. `+` is no blank here.
        private static String unescape(String key) {
            try {
                return URLDecoder.decode(key.replace("+", "%2B"), StandardCharsets.UTF_8);
            } catch (IllegalArgumentException e) {
                return key;
            }
        }
    }
}
