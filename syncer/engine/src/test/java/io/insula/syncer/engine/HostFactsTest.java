package io.insula.syncer.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.insula.rules.network.AddressBlock;
import io.insula.syncer.engine.Api.ApiFailure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// What hosts of all ages and rights say of their addresses.
class HostFactsTest {

    private static final String V1 = "/apis/networking.k8s.io/v1/servicecidrs";
    private static final String V1BETA1 = "/apis/networking.k8s.io/v1beta1/servicecidrs";
    private static final String CIDRS = "{'items': [{'spec': {'cidrs': ['10.96.0.0/12', 'fd00::/112']}}]}";

    private final Map<String, String> says = new HashMap<>();
    private final Map<String, Integer> refuses = new HashMap<>();
    private final HostFacts facts =
            new HostFacts(new Says(), HostRanges.of(List.of(), List.of(), List.of("192.0.2.0/24")));

    @Test
    void takesTheServiceRangesThatTheHostServesInEitherVersion() {
        for (var version : List.of(V1, V1BETA1)) {
            says.clear();
            says.put(version, CIDRS);
            facts.read();
            assertThat(facts.ranges().orElseThrow().services())
                    .as(version)
                    .containsExactly(AddressBlock.of("10.96.0.0/12"), AddressBlock.of("fd00::/112"));
        }
    }

    @Test
    void knowsNoRangeOfAHostThatIsTooOldOrShowsNone() {
        facts.read();
        assertThat(facts.ranges().orElseThrow().services()).isEmpty();

        refuses.put(V1, 403);
        refuses.put(V1BETA1, 403);
        facts.read();
        assertThat(facts.ranges().orElseThrow().services()).isEmpty();
        assertThat(facts.ranges().orElseThrow().others()).as("what it was told").hasSize(1);
    }

    @Test
    void findsTheApiServerAndKeepsWhatItKnowsWhileNobodyAnswers() {
        says.put("/api/v1/namespaces/default/services/kubernetes", "{'spec': {'clusterIPs': ['10.96.0.1']}}");
        says.put(
                "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices?labelSelector=kubernetes.io%2Fservice-name%3Dkubernetes",
                "{'items': [{'endpoints': [{'addresses': ['172.18.0.5']}]}]}");
        facts.read();
        var known = facts.ranges();
        assertThat(known.orElseThrow().others())
                .contains(AddressBlock.of("10.96.0.1/32"), AddressBlock.of("172.18.0.5/32"));

        refuses.put(V1, 503);
        facts.read();
        assertThat(facts.ranges()).isEqualTo(known);
    }

    private final class Says implements Api {
        @Override
        public Optional<JsonNode> get(String path) {
            if (refuses.containsKey(path)) {
                throw new ApiFailure(refuses.get(path), path);
            }
            try {
                return says.containsKey(path)
                        ? Optional.of(new ObjectMapper().readTree(says.get(path).replace('\'', '"')))
                        : Optional.empty();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public JsonNode send(String method, String path, String contentType, JsonNode body, String auditId) {
            throw new UnsupportedOperationException(method + " " + path);
        }
    }
}
