package io.insula.syncer.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ForeignTest {

    private static final Set<String> EXACT =
            Set.of("/spec/selector", "/spec/ports", "/spec/externalIPs", "/data", "/rules");

    /// @param undo as JSON; `{}` where nothing is foreign
    record Case(String name, String current, String wanted, String undo) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> cases() {
        return Stream.of(
                new Case("the same", "spec: {selector: {a: b}}", "spec: {selector: {a: b}}", "{}"),
                new Case("lacking, which apply adds", "spec: {}", "spec: {selector: {a: b}}", "{}"),
                new Case("what is not exact", "spec: {type: NodePort}", "spec: {selector: {a: b}}", "{}"),
                new Case(
                        "a key of a selector",
                        "spec: {selector: {a: b, x: y}}",
                        "spec: {selector: {a: b}}",
                        "{spec: {selector: {x: null}}}"),
                new Case("a selector", "spec: {selector: {x: y}}", "spec: {}", "{spec: {selector: null}}"),
                new Case("a list", "spec: {externalIPs: [10.0.0.1]}", "spec: {}", "{spec: {externalIPs: null}}"),
                new Case("data", "data: {a: '1', b: '2'}", "data: {a: '1'}", "{data: {b: null}}"),
                new Case(
                        "what the host adds to a port",
                        "spec: {ports: [{port: 80, protocol: TCP, nodePort: 30080, targetPort: 80}]}",
                        "spec: {ports: [{port: 80}]}",
                        "{}"),
                new Case(
                        "a port beside it",
                        "spec: {ports: [{port: 22, nodePort: 30022}, {port: 80, nodePort: 30080}]}",
                        "spec: {ports: [{port: 80}]}",
                        "{spec: {ports: [{port: 80, nodePort: 30080}]}}"),
                new Case(
                        "a part of a port",
                        "spec: {ports: [{port: 80, nodePort: 30080, appProtocol: x}]}",
                        "spec: {ports: [{port: 80}]}",
                        "{spec: {ports: [{port: 80}]}}"),
                new Case(
                        "a peer's namespaces",
                        "rules: [{from: [{podSelector: {a: b}, namespaceSelector: {c: d}}]}]",
                        "rules: [{from: [{podSelector: {a: b}}]}]",
                        "{rules: [{from: [{podSelector: {a: b}}]}]}"),
                new Case("everybody", "rules: [{from: [{x: y}]}]", "rules: [{}]", "{rules: [{}]}"),
                new Case(
                        "our own labels, not others'",
                        "metadata: {labels: {insula.io/open: 'true', tenant.insula.io/app: db, team: host}}",
                        "metadata: {labels: {}}",
                        "{metadata: {labels: {insula.io/open: null, tenant.insula.io/app: null}}}"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void takesOut(Case each) throws JsonProcessingException {
        assertThat((JsonNode) Foreign.undo(tree(each.current()), tree(each.wanted()), EXACT))
                .isEqualTo(tree(each.undo()));
    }

    private static JsonNode tree(String yaml) throws JsonProcessingException {
        return new YAMLMapper().readTree(yaml);
    }
}
