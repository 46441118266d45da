package io.insula.tenantapi.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.http.TestPki;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

final class RequestHeaderAuthenticatorTest {

    private final Set<X509Certificate> refused = ConcurrentHashMap.newKeySet();
    private final RequestHeaderAuthenticator authenticator =
            new RequestHeaderAuthenticator(List.of("front-proxy-client"), refused::contains, InstantSource.system());

    /// Its connection was opened while its authority was taken.
    @Test
    void believesNoProxyWhoseAuthorityWasDropped() throws Exception {
        X509Certificate proxy =
                new TestPki("CN=proxies").client("CN=front-proxy-client").certificate();
        assertThat(authenticator.authenticate(shown(List.of(proxy))))
                .get()
                .extracting(UserInfo::name)
                .isEqualTo("jane");

        refused.add(proxy);

        assertThatThrownBy(() -> authenticator.authenticate(shown(List.of(proxy))))
                .isInstanceOfSatisfying(
                        ApiException.class, e -> assertThat(e.code()).isEqualTo(401));
        assertThat(authenticator.authenticate(shown(List.of()))).isEmpty();
    }

    private static Credentials shown(List<X509Certificate> proxies) {
        return new Credentials("/version", Map.of("x-remote-user", List.of("jane")), List.of(), proxies);
    }
}
