package io.insula.syncer.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class WantedHostsTest {

    @Test
    void areOfAnIngressThatTheHostsControllersAnswerFor() {
        var rules = "rules: [{host: a.example.com, http: {paths: [{path: /, pathType: Prefix, backend: {service:"
                + " {name: s, port: {number: 80}}}}]}}, {host: '*.b.example.com'}, {http: {paths: []}}]";

        assertThat(wanted("{metadata: {name: web}, spec: {ingressClassName: public, " + rules + "}}"))
                .containsExactly("a.example.com", "*.b.example.com");
        assertThat(wanted("{metadata: {name: web, annotations: {kubernetes.io/ingress.class: public}}, spec: {" + rules
                        + "}}"))
                .hasSize(2);
        assertThat(wanted("{metadata: {name: web}, spec: {ingressClassName: own, " + rules + "}}"))
                .isEmpty();
        assertThat(wanted("{metadata: {name: web, deletionTimestamp: '2026-01-01T00:00:00Z'},"
                        + " spec: {ingressClassName: public, " + rules + "}}"))
                .isEmpty();
    }

    @Test
    void areAllThatIsLeftOfAClaim() {
        var claim = new GenericKubernetesResource();
        claim.setAdditionalProperty(
                "spec", Map.of("hosts", List.of(Map.of("name", "a", "since", "1"), Map.of("name", "b", "since", "2"))));

        assertThat(WantedHosts.keep(claim, Set.of("b", "c"))).isTrue();
        assertThat(claim.getAdditionalProperties().get("spec"))
                .isEqualTo(Map.of("hosts", List.of(Map.of("name", "b", "since", "2"))));
        assertThat(WantedHosts.keep(claim, Set.of())).isFalse();
    }

    private static Set<String> wanted(String ingress) {
        return WantedHosts.of(Serialization.unmarshal("---\n" + ingress, JsonNode.class), "public"::equals);
    }
}
