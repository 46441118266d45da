package io.insula.controlplane.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Signatures as Amazon computes them, and what may be said of a place.
final class S3SignatureTest {

    private static final String NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    /// Source: Amazon S3 API reference, "Signature Calculations for the Authorization Header", the examples "GET Bucket
    /// Lifecycle" and "Get Bucket (List Objects)".
    @ParameterizedTest
    @CsvSource({
        "lifecycle=, fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
        "max-keys=2&prefix=J, 34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
    })
    void signsAsAmazonDoes(String query, String signature) {
        var credentials = new S3Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "");
        var parts = new TreeMap<String, String>();
        for (String part : query.split("&", -1)) {
            parts.put(part.substring(0, part.indexOf('=')), part.substring(part.indexOf('=') + 1));
        }

        Map<String, String> headers = new S3Signature(credentials, "us-east-1", "examplebucket.s3.amazonaws.com")
                .sign("GET", "/", parts, NOTHING, Instant.parse("2013-05-24T00:00:00Z"));

        assertThat(headers)
                .containsEntry("x-amz-date", "20130524T000000Z")
                .containsEntry(
                        "Authorization",
                        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
                                + "SignedHeaders=host;x-amz-content-sha256;x-amz-date,Signature=" + signature);
        assertThat(credentials.toString()).doesNotContain("wJalr");
    }

    @Test
    void readsWhereBackupsAre() {
        S3Location all = S3Location.of("s3://tenants/a/b?endpoint=https://store.example:9000/&region=eu-central-1");
        assertThat(all.path("acme/x")).isEqualTo("/tenants/a/b/acme/x");
        assertThat(all.toString())
                .isEqualTo("s3://tenants/a/b/?endpoint=https://store.example:9000&region=eu-central-1");
        assertThat(S3Location.of(all.toString())).isEqualTo(all);
        S3Location amazon = S3Location.of("s3://tenants?region=eu-west-1");
        assertThat(amazon.endpoint()).hasToString("https://s3.eu-west-1.amazonaws.com");
        assertThat(amazon.path("acme/x")).isEqualTo("/tenants/acme/x");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "s3://",
                "s3://UPPER/x",
                "s3://b/../x?endpoint=ftp://h",
                "s3://bucket/a b",
                "s3://bucket/x?endpoint=https://id:secret@h",
                "s3://bucket/x?endpoint=https://h/path",
                "s3://bucket/x?region=eu/../x",
                "s3://bucket/x?secret=y",
                "s3://bucket/x?region=a&region=b",
                "s3://id:secret@bucket/x",
            })
    void refusesWhatIsNoPlace(String text) {
        assertThatThrownBy(() -> S3Location.of(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("s3://BUCKET/PREFIX?endpoint=https://HOST:PORT&region=REGION");
    }
}
