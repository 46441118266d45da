package io.insula.tenantapi.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.fuzz.Fuzz;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Forged tokens: each is refused with a 400 or goes on inside its collection.
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ContinueTokenFuzzTest {

    private static final int CASES = 5000;
    private static final long MOST_BYTES = 16 << 20;
    private static final String PREFIX = "/registry/pods/default/";
    private static final List<String> TOKENS = List.of(
            "\"",
            "{",
            "}",
            "[",
            "]",
            ":",
            ",",
            "null",
            "..",
            "/../",
            "/",
            "\\u0000",
            "\\ud800",
            "\\u002e\\u002e/",
            "-1",
            "9223372036854775808",
            "1e400",
            "\"rv\":",
            "\"start\":",
            "\"v\":",
            "meta.k8s.io/v1",
            "{\"a\":".repeat(3000));

    @Test
    void goesOnBehindTheLastKey() {
        Fuzz.run(CASES, MOST_BYTES, random -> {
            String key = PREFIX + Fuzz.mutated(random, "some-name", List.of("a", "0", "-", "x.y"));
            if (key.equals(PREFIX) || key.contains("..") || key.startsWith(PREFIX + "/")) {
                return;
            }
            long revision = random.nextLong(Long.MAX_VALUE);
            var token = ContinueToken.decode(ContinueToken.encode(revision, key, PREFIX), PREFIX);
            assertThat(token).isEqualTo(new ContinueToken(revision, key + "\0"));
            assertThat(ContinueToken.decode(token.atLatest(PREFIX), PREFIX))
                    .isEqualTo(new ContinueToken(-1, key + "\0"));
        });
    }

    @Test
    void neverLeavesItsCollection() {
        String json = "{\"v\":\"meta.k8s.io/v1\",\"rv\":5,\"start\":\"some-name\\u0000\"}";
        Fuzz.run(CASES, MOST_BYTES, random -> {
            byte[] inner = Fuzz.mutated(random, json, TOKENS).getBytes(StandardCharsets.UTF_8);
            String text = Base64.getUrlEncoder().withoutPadding().encodeToString(inner);
            if (random.nextInt(4) == 0) {
                text = Fuzz.mutated(random, text, List.of("=", "+", "/", "-", "_", " ", "\u00e9"));
            }
            try {
                ContinueToken token = ContinueToken.decode(text, PREFIX);
                assertThat(token.start()).startsWith(PREFIX);
                assertThat(token.start().split("/", -1)).doesNotContain("..");
            } catch (ApiException e) {
                assertThat(e.code()).isEqualTo(400);
            }
        });
    }
}
