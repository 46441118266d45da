package io.insula.controlplane.admin;

import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.auth.ClientCertificateAuthenticator;
import io.insula.tenantapi.auth.Credentials;
import io.insula.tenantapi.auth.UserInfo;
import io.insula.tenantapi.http.HttpRequest;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;

/// Who asks: by a client certificate of the admin authority, or by a token of the issuer that the superuser named.
/// Never by both, as it would be open which one counts. Thread-safe.
final class Callers {

    private static final String AUTHORIZATION = "authorization";
    private static final String SCHEME = "bearer ";

    private final ClientCertificateAuthenticator certificates;
    private final People people;

    /// @param revoked whether a client certificate is taken no more; asked on every request
    Callers(Clock clock, Predicate<X509Certificate> revoked, People people) {
        this.certificates = new ClientCertificateAuthenticator(clock, revoked);
        this.people = people;
    }

    /// @param byToken whether tenants' own lists say what else the user may ask for
    record Caller(UserInfo user, boolean byToken) {}

    /// @throws AdminException 401; why a token is refused is told to the trail alone
    Caller authenticate(AdminCall call) {
        HttpRequest request = call.request();
        List<String> shown = request.headers(AUTHORIZATION);
        if (shown.isEmpty()) {
            return new Caller(byCertificate(request), false);
        }
        if (!request.clientCertificates().isEmpty()) {
            throw AdminException.unauthorized("a client certificate and a token are shown (expected: one of them)");
        }
        try {
            return new Caller(people.authenticate(token(shown)), true);
        } catch (ApiException e) {
            if (e.code() != 401) {
                throw e;
            }
            call.annotate("token-refused", String.valueOf(e.getMessage()));
            throw AdminException.unauthorized("no token that this installation takes now; its audit event "
                    + call.trail().id() + " says why");
        }
    }

    /// @throws AdminException 401
    UserInfo byCertificate(HttpRequest request) {
        Optional<UserInfo> user;
        try {
            user = certificates.authenticate(new Credentials(
                    request.path(), request.headers(), request.clientCertificates(), request.proxyCertificates()));
        } catch (ApiException e) {
            user = Optional.empty();
        }
        return user.orElseThrow(() -> AdminException.unauthorized(
                "no client certificate of this installation's admin authority that is valid now"));
    }

    private static String token(List<String> shown) {
        String only = shown.size() == 1 ? shown.getFirst() : "";
        if (!only.toLowerCase(Locale.ROOT).startsWith(SCHEME)) {
            throw ApiException.of(401, "Unauthorized", "Authorization (expected: Bearer and a token, once)");
        }
        return only.substring(SCHEME.length()).strip();
    }
}
