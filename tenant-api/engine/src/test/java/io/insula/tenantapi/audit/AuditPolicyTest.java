package io.insula.tenantapi.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.auth.UserInfo;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AuditPolicyTest {

    private static AuditPolicy policy(String rules) {
        return AuditPolicy.parse(
                ("apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [" + rules + "]").getBytes(StandardCharsets.UTF_8));
    }

    private static AuditSubject resource(
            String verb, String group, String resource, String sub, String ns, String name) {
        return new AuditSubject("alice", List.of("dev", "ops"), verb, group, resource, sub, ns, name, "/apis/x");
    }

    private static AuditSubject path(String path) {
        return new AuditSubject("alice", List.of("dev"), "get", "", "", "", "", "", path);
    }

    record Case(String rule, AuditSubject subject, boolean matches) {}

    static Stream<Case> cases() {
        var pod = resource("get", "", "pods", "", "a", "p");
        var podLog = resource("get", "", "pods", "log", "a", "p");
        var node = resource("list", "", "nodes", "", "", "");
        return Stream.of(
                new Case("", pod, true),
                new Case("users: [alice]", pod, true),
                new Case("users: [bob]", pod, false),
                new Case("userGroups: [ops]", pod, true),
                new Case("userGroups: [admins]", pod, false),
                new Case("verbs: [get]", pod, true),
                new Case("verbs: [list]", pod, false),
                new Case("namespaces: [a]", pod, true),
                new Case("namespaces: [b]", pod, false),
                new Case("namespaces: ['']", node, true),
                new Case("namespaces: ['']", pod, false),
                new Case("resources: [{group: ''}]", pod, true),
                new Case("resources: [{group: apps}]", pod, false),
                new Case("resources: [{resources: [pods]}]", pod, true),
                new Case("resources: [{resources: [pods]}]", podLog, false),
                new Case("resources: [{resources: [pods/log]}]", podLog, true),
                new Case("resources: [{resources: ['pods/*']}]", podLog, true),
                new Case("resources: [{resources: ['*/log']}]", podLog, true),
                new Case("resources: [{resources: ['*/log']}]", pod, false),
                new Case("resources: [{resources: ['*']}]", podLog, true),
                new Case("resources: [{resources: [pods], resourceNames: [p]}]", pod, true),
                new Case("resources: [{resources: [pods], resourceNames: [q]}]", pod, false),
                new Case("resources: [{resources: [pods]}]", path("/healthz"), false),
                new Case("nonResourceURLs: [/healthz]", path("/healthz"), true),
                new Case("nonResourceURLs: [/healthz]", path("/healthz/x"), false),
                new Case("nonResourceURLs: ['/healthz*']", path("/healthz/x"), true),
                new Case("nonResourceURLs: ['*']", path("/x"), true),
                new Case("nonResourceURLs: ['*']", pod, false));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void matchesRulesAsUpstream(Case one) {
        String rule = "{level: Request" + (one.rule().isEmpty() ? "" : ", " + one.rule()) + "}";
        assertThat(policy(rule).decide(one.subject()).level())
                .isEqualTo(one.matches() ? AuditLevel.REQUEST : AuditLevel.NONE);
    }

    @Test
    void takesTheFirstRuleThatMatches() {
        var policy = policy("{level: None, users: [alice]}, {level: Metadata}");

        assertThat(policy.decide(path("/x")).level()).isEqualTo(AuditLevel.NONE);
        assertThat(policy.decide(new AuditSubject("bob", List.of(), "get", "", "", "", "", "", "/x"))
                        .level())
                .isEqualTo(AuditLevel.METADATA);
    }

    @Test
    void saysWhatIsWrongWithAPolicy() {
        assertThatThrownBy(() -> policy("{level: Everything}"))
                .hasMessage("level: \"Everything\" (expected: None, Metadata, Request or RequestResponse)");
        assertThatThrownBy(() -> policy("")).hasMessageContaining("no rules");
        assertThatThrownBy(() -> policy("{level: None, omitStages: [Done]}")).hasMessageContaining("\"Done\"");
        assertThatThrownBy(() -> AuditPolicy.parse("kind: Policy".getBytes(StandardCharsets.UTF_8)))
                .hasMessageContaining("audit.k8s.io/v1 Policy");
        assertThatThrownBy(() -> AuditPolicy.parse("{{".getBytes(StandardCharsets.UTF_8)))
                .hasMessageContaining("not YAML");
    }

    @Test
    void recordsWhatTheLevelSaysAtEachStage() {
        var events = new ArrayList<ObjectNode>();
        for (String rule : List.of(
                "{level: None}",
                "{level: Metadata}",
                "{level: Request, omitStages: [RequestReceived]}",
                "{level: RequestResponse, omitStages: [RequestReceived], omitManagedFields: true}")) {
            var trail = new AuditTrail(policy(rule), events::add, Clock.systemUTC(), "id-1")
                    .request("/api/v1/namespaces/a/pods?x=y", "create", "", List.of())
                    .object("", "v1", "pods", "", "a", "")
                    .user(new UserInfo("alice", "", List.of(), Map.of()));
            trail.received();
            ObjectNode body = Json.object();
            body.putObject("metadata").put("name", "p").putArray("managedFields");
            trail.requestObject(body);
            trail.responseObject(body);
            trail.complete(201);
            trail.annotate("late", "x");
            trail.complete(500);
        }

        assertThat(events)
                .extracting(event -> event.path("level").asText() + " "
                        + event.path("stage").asText() + " " + event.has("requestObject") + " "
                        + event.has("responseObject"))
                .containsExactly(
                        "Metadata RequestReceived false false",
                        "Metadata ResponseComplete false false",
                        "Request ResponseComplete true false",
                        "RequestResponse ResponseComplete true true");
        assertThat(events.getFirst().has("responseStatus")).isFalse();
        assertThat(events.getLast().at("/responseObject/metadata").has("managedFields"))
                .isFalse();
        assertThat(events.get(2).at("/requestObject/metadata").has("managedFields"))
                .isTrue();
    }

    @Test
    void namesAUserAlsoWhereNobodyWasAuthenticated() {
        var events = new ArrayList<ObjectNode>();
        new AuditTrail(events::add, Clock.systemUTC(), "")
                .request("/x", "get", "", List.of())
                .complete(401);

        assertThat(events).singleElement().satisfies(event -> {
            assertThat(event.path("user").isObject()).isTrue();
            assertThat(event.path("level").asText()).isEqualTo("Metadata");
        });
    }
}
