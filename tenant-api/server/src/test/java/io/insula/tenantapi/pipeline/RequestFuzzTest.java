package io.insula.tenantapi.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.fuzz.Fuzz;
import io.insula.tenantapi.http.HttpRequest;
import io.insula.tenantapi.wire.Negotiation;
import io.insula.tenantapi.wire.WireFormat;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Request lines and headers that are nearly ours: each is refused with a Status of the client's fault or means the
/// same however it is written.
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RequestFuzzTest {

    private static final int CASES = 5000;
    private static final long MOST_BYTES = 32 << 20;

    private static final List<String> METHODS =
            List.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "x", "\u0130");
    private static final List<String> PATHS = List.of(
            "/api/v1/namespaces/default/pods/a/log",
            "/apis/apps/v1/watch/namespaces/a/deployments/b/scale",
            "/api/v1/namespaces/a/finalize",
            "/apis/x.example.com/v1/anythings",
            "/api/v1/nodes/n/proxy/metrics/a%2Fb/",
            "/openapi/v3/apis/apps/v1",
            "/api/v1/namespaces/a/services/https:b:443/proxy/");
    private static final List<String> PATH_TOKENS = List.of(
            "/",
            "//",
            "..",
            "/../",
            ".",
            "%2F",
            "%2f",
            "%00",
            "%",
            "%zz",
            "%E2%82",
            "%ff",
            "+",
            ":",
            ";",
            "*",
            "api",
            "apis",
            "v1",
            "watch",
            "namespaces",
            "status",
            "\u00e9",
            "/".repeat(3000),
            "a".repeat(3000));

    private static final List<String> QUERIES = List.of(
            "labelSelector=a%20in%20(b,c)&fieldSelector=metadata.name%3Dx&limit=5&continue=abc",
            "watch=true&resourceVersion=0&resourceVersionMatch=NotOlderThan&sendInitialEvents=true&timeoutSeconds=9",
            "dryRun=All&fieldManager=m&fieldValidation=Strict&force=true&pretty=1",
            "gracePeriodSeconds=0&propagationPolicy=Foreground&orphanDependents=false&timeout=1m30s");
    private static final List<String> QUERY_TOKENS = List.of(
            "&",
            "=",
            "&&",
            "==",
            "%",
            "%3",
            "%3D",
            "%00",
            "%ff",
            "+",
            "true",
            "false",
            "0",
            "-1",
            "1e9",
            "None",
            "9223372036854775807",
            "9223372036854775808",
            "-9223372036854775808",
            "All",
            "&limit=",
            "&watch",
            "&dryRun=",
            "&fieldSelector=",
            "&fieldManager=" + "m".repeat(200),
            "&gracePeriodSeconds=",
            "\u00e9",
            "&".repeat(3000));

    private static final List<String> DURATIONS =
            List.of("1m30s", "-1.5h", "250ms", "0", "+.5s", "1us2\u00b5s3\u03bcs");
    private static final List<String> DURATION_TOKENS = List.of(
            "-", "+", ".", "0", "9".repeat(40), "h", "m", "s", "ms", "ns", "x", " ", "\u0660", "1".repeat(3000));

    private static final List<String> ACCEPTS = List.of(
            "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;q=0.5",
            "application/vnd.kubernetes.protobuf;stream=watch, */*;q=0.1",
            "application/yaml;q=1.0;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1");
    private static final List<String> ACCEPT_TOKENS = List.of(
            ",",
            ";",
            "=",
            "q=",
            "q=NaN",
            "q=-1",
            "q=1e400",
            "q=Infinity",
            "as=",
            "v=v1beta1",
            "*",
            "/",
            "*/*",
            "\"",
            " ",
            "text/*",
            "\u00e9",
            ",".repeat(3000),
            ";".repeat(3000));

    @Test
    void readsAPathTheSameHoweverItIsEscaped() {
        Fuzz.run(CASES, MOST_BYTES, random -> {
            String path = "/" + Fuzz.mutated(random, Fuzz.any(random, PATHS), PATH_TOKENS);
            String escaped = Arrays.stream(path.split("/", -1))
                    .map(RequestFuzzTest::escaped)
                    .collect(Collectors.joining("/"));
            String method = Fuzz.any(random, METHODS);
            String query = query(random);
            assertThat(meaning(method, escaped, query)).isEqualTo(meaning(method, path, query));
        });
    }

    /// What a request means, or why it is refused.
    private static Object meaning(String method, String path, String query) {
        try {
            var request = new HttpRequest(method, path, query, Map.of(), new byte[0], "127.0.0.1", List.of(), false);
            RequestInfo info = RequestInfo.of(request, Query.of(query));
            assertThat(info.isResource() || info.resource().isEmpty()).isTrue();
            assertThat(info.isLongRunning() && !info.isResource()).isFalse();
            return List.of(info.isResource(), info.verb(), info.gvr(), info.namespace(), info.name(), info.rest());
        } catch (ApiException e) {
            return refused(e);
        }
    }

    private static Object refused(ApiException e) {
        assertThat(e.code()).isBetween(400, 422);
        return e.status();
    }

    /// Every byte of what a segment means.
    private static String escaped(String segment) {
        String plain;
        try {
            plain = URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            plain = segment;
        }
        var out = new StringBuilder();
        for (byte each : plain.getBytes(StandardCharsets.UTF_8)) {
            out.append('%').append(Character.forDigit(each >> 4 & 15, 16)).append(Character.forDigit(each & 15, 16));
        }
        return out.toString();
    }

    private static String query(Random random) {
        return Fuzz.mutated(random, Fuzz.any(random, QUERIES), QUERY_TOKENS);
    }

    @Test
    void readsOptionsOrRefusesThem() {
        Fuzz.run(CASES, MOST_BYTES, random -> {
            Query query = Query.of(query(random));
            tried(() -> {
                var list = RequestOptions.list(query);
                assertThat(list.limit()).isNotNegative();
                assertThat(list.timeoutSeconds()).isNotNegative();
            });
            tried(() -> {
                var write = RequestOptions.write(query, "PatchOptions", random.nextBoolean());
                assertThat(write.fieldManager()).hasSizeLessThanOrEqualTo(128);
            });
            tried(() -> RequestOptions.delete(query, Json.object()));
        });
    }

    @Test
    void readsDurationsOrRefusesThem() {
        Fuzz.run(CASES, MOST_BYTES, random -> {
            String text = Fuzz.mutated(random, Fuzz.any(random, DURATIONS), DURATION_TOKENS);
            try {
                var duration = GoDuration.parse(text);
                assertThat(GoDuration.parse(duration.toNanos() + "ns")).isEqualTo(duration);
            } catch (IllegalArgumentException e) {
                assertThat(e).hasMessageStartingWith("time: ").isExactlyInstanceOf(IllegalArgumentException.class);
            }
        });
    }

    @Test
    void choosesAFormatThatItHasOrRefuses() {
        List<WireFormat> formats = List.of(WireFormat.values());
        Fuzz.run(
                CASES,
                MOST_BYTES,
                random -> tried(() -> {
                    String accept = Fuzz.mutated(random, Fuzz.any(random, ACCEPTS), ACCEPT_TOKENS);
                    var chosen = Negotiation.choose(List.of(accept), formats, _ -> random.nextBoolean());
                    assertThat(chosen.contentType()).startsWith(chosen.format().mediaType());
                }));
    }

    private static void tried(Runnable action) {
        try {
            action.run();
        } catch (ApiException e) {
            refused(e);
        }
    }
}
