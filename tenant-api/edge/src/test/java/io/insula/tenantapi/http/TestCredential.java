package io.insula.tenantapi.http;

import java.time.Duration;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.jspecify.annotations.Nullable;

/// What a client may show, and whom a handler sees then: its subject, or `nobody`.
record TestCredential(String name, TestPki.@Nullable Identity identity, String want) {

    /// @param pki the authority that the server takes
    static Stream<TestCredential> all(TestPki pki, TestPki stranger) throws Exception {
        return Stream.of(
                new TestCredential("none", null, "nobody"),
                new TestCredential("valid", pki.client("CN=alice,O=dev"), "O=dev,CN=alice"),
                new TestCredential("of another authority", stranger.client("CN=alice"), "nobody"),
                new TestCredential(
                        "of another authority of the same name", new TestPki("CN=tenant").client("CN=alice"), "nobody"),
                new TestCredential(
                        "expired",
                        pki.client("CN=alice", KeyPurposeId.id_kp_clientAuth, Duration.ofHours(-1)),
                        "nobody"),
                new TestCredential(
                        "that names no usage, as upstream takes it",
                        pki.client("CN=alice", null, Duration.ofDays(1)),
                        "CN=alice"),
                new TestCredential(
                        "for any usage",
                        pki.client("CN=alice", KeyPurposeId.anyExtendedKeyUsage, Duration.ofDays(1)),
                        "CN=alice"),
                new TestCredential(
                        "for servers only",
                        pki.client("CN=alice", KeyPurposeId.id_kp_serverAuth, Duration.ofDays(1)),
                        "nobody"));
    }

    @Override
    public String toString() {
        return name;
    }
}
