package io.insula.tenantapi.auth;

import io.insula.tenantapi.api.ApiException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/// Believes the `X-Remote-…` headers of a front proxy: a peer whose certificate the front-proxy authority signed, and
/// whose common name is allowed. From anybody else they mean nothing. Immutable.
///
/// Source: kubernetes/apiserver, `request/headerrequest` and `request/x509` (Verifier).
public final class RequestHeaderAuthenticator implements Authenticator {

    private static final String USER = "x-remote-user";
    private static final String UID = "x-remote-uid";
    private static final String GROUP = "x-remote-group";
    private static final String EXTRA = "x-remote-extra-";

    private final List<String> allowedNames;
    private final Predicate<X509Certificate> refused;
    private final InstantSource clock;

    /// @param allowedNames common names; empty for any that the authority signed
    /// @param refused whether a certificate is taken no more: connections outlive authorities. Asked on every
    ///     request; must answer from memory
    public RequestHeaderAuthenticator(
            List<String> allowedNames, Predicate<X509Certificate> refused, InstantSource clock) {
        this.allowedNames = List.copyOf(allowedNames);
        this.refused = refused;
        this.clock = clock;
    }

    /// Whether a header, by its lower-case name, is one of those that only a front proxy may set.
    public static boolean isOurs(String header) {
        return header.equals(USER) || header.equals(UID) || header.equals(GROUP) || header.startsWith(EXTRA);
    }

    @Override
    public Optional<UserInfo> authenticate(Credentials shown) {
        String name = shown.header(USER).orElse("");
        if (shown.proxyCertificates().isEmpty() || name.isEmpty()) {
            return Optional.empty();
        }
        X509Certificate proxy = shown.proxyCertificates().getFirst();
        List<String> names = ClientCertificateAuthenticator.commonNames(proxy);
        boolean allowed = allowedNames.isEmpty() || (!names.isEmpty() && allowedNames.contains(names.getLast()));
        if (!allowed || !ClientCertificateAuthenticator.isAlive(proxy, clock.instant()) || refused.test(proxy)) {
            throw ApiException.unauthorized();
        }
        List<String> groups =
                shown.headers(GROUP).stream().filter(group -> !group.isEmpty()).toList();
        return Optional.of(new UserInfo(
                name,
                shown.header(UID).orElse(""),
                groups.contains(UserInfo.UNAUTHENTICATED) ? groups : Groups.authenticated(groups),
                extra(shown)));
    }

    private static Map<String, List<String>> extra(Credentials shown) {
        var extra = new LinkedHashMap<String, List<String>>();
        shown.headers().forEach((header, values) -> {
            if (header.startsWith(EXTRA)) {
                extra.put(unescape(header.substring(EXTRA.length()).toLowerCase(Locale.ROOT)), List.copyOf(values));
            }
        });
        return extra;
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
