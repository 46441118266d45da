package io.insula.host.nodes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.http.HttpRequest;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ProxyTargetTest {

    private static final String BEFORE = "/api/v1/namespaces/shop/pods/x/proxy";

    @Test
    void readsSchemeNameAndPort() {
        assertThat(ProxyTarget.of("web", BEFORE)).isEqualTo(new ProxyTarget("", "web", "", "/"));
        assertThat(ProxyTarget.of("web:80", BEFORE + "/")).isEqualTo(new ProxyTarget("", "web", "80", "/"));
        assertThat(ProxyTarget.of("http:web:", BEFORE + "/a/b%20c"))
                .isEqualTo(new ProxyTarget("http", "web", "", "/a/b%20c"));
        assertThat(ProxyTarget.of("http:web:80", BEFORE).named("other")).isEqualTo("http:other:80");
        assertThat(ProxyTarget.of("web:80", BEFORE).named("other")).isEqualTo("other:80");
        assertThat(ProxyTarget.of("web", BEFORE).prefix(BEFORE)).isEqualTo(BEFORE);
        assertThat(ProxyTarget.of("web", BEFORE + "/a").prefix(BEFORE + "/a")).isEqualTo(BEFORE);
    }

    @Test
    void refusesWhatLeadsElsewhere() {
        for (String path : List.of("/..", "/a/../../secrets", "/%2e%2e/log", "/%2E./log", "/.", "/a/%2e")) {
            assertThatThrownBy(() -> ProxyTarget.of("web", BEFORE + path))
                    .as(path)
                    .isInstanceOf(ApiException.class)
                    .hasMessageContaining("may not contain");
        }
        for (String name : List.of("", ":80", "ftp:web:80", "a:b:c:d", "http::80")) {
            assertThatThrownBy(() -> ProxyTarget.of(name, BEFORE))
                    .as(name)
                    .isInstanceOf(ApiException.class)
                    .hasMessageContaining("invalid proxy target");
        }
    }

    @Test
    void sendsWhoReadsTheBareRootToItsSlash() {
        assertThat(redirect("GET", BEFORE, "")).contains(BEFORE + "/");
        assertThat(redirect("HEAD", BEFORE, "a=b")).contains(BEFORE + "/?a=b");
        assertThat(redirect("POST", BEFORE, "")).isEmpty();
        assertThat(redirect("GET", BEFORE + "/", "")).isEmpty();
        assertThat(redirect("GET", BEFORE + "/a", "")).isEmpty();
    }

    private static Optional<String> redirect(String method, String path, String query) {
        var request = new HttpRequest(method, path, query, Map.of(), new byte[0], "", List.of(), false);
        return ProxyTarget.of("web", path).redirect(request);
    }

    /// A pod is known by its address: what it shows proves nothing, as upstream has it too.
    @Test
    void asksOverTlsWhereTheSchemeSaysSo() {
        assertThat(ProxyStreams.tls(ProxyTarget.of("https:web:443", BEFORE))).isPresent();
        assertThat(ProxyStreams.tls(ProxyTarget.of("http:web:80", BEFORE))).isEmpty();
        assertThat(ProxyStreams.tls(ProxyTarget.of("web", BEFORE))).isEmpty();
    }
}
