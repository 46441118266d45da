package io.insula.tenantapi.audit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.auth.UserInfo;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class AuditEventSchemaTest {

    @Test
    void takesWhatTheTrailMakes() {
        assertThat(AuditEventSchema.violations(good())).isEmpty();
    }

    record Case(String name, Consumer<ObjectNode> damage) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> faults() {
        return Stream.of(
                new Case("nine digits", e -> e.put("stageTimestamp", "2026-11-28T10:00:00.123456789Z")),
                new Case("no digits", e -> e.put("requestReceivedTimestamp", "2026-11-28T10:00:00Z")),
                new Case("ends before it begins", e -> e.put("stageTimestamp", "2020-01-01T00:00:00.000000Z")),
                new Case("another group", e -> e.withObject("/objectRef").put("apiGroup", "tenancy.insula.io")),
                new Case("no namespace", e -> e.withObject("/objectRef").remove("namespace")),
                new Case("another name", e -> e.withObject("/objectRef").put("name", "other")),
                new Case("no subresource", e -> e.withObject("/objectRef").remove("subresource")),
                new Case("an empty group", e -> e.withObject("/objectRef").put("apiGroup", "")),
                new Case("an invented URI", e -> e.put("requestURI", "//pods/namespaces/default/web")),
                new Case("an invented field", e -> e.put("tenant", "acme")),
                new Case(
                        "an invented field of the object",
                        e -> e.withObject("/objectRef").put("kind", "Pod")),
                new Case("no code", e -> e.putObject("responseStatus").putObject("metadata")),
                new Case("code 0", e -> e.withObject("/responseStatus").put("code", 0)),
                new Case("a code in words", e -> e.withObject("/responseStatus").put("code", "200")),
                new Case("no stage", e -> e.remove("stage")),
                new Case("another stage", e -> e.put("stage", "Complete")),
                new Case("no user", e -> e.remove("user")),
                new Case("no address", e -> e.putArray("sourceIPs").add("localhost")),
                new Case(
                        "a number as annotation",
                        e -> e.withObject("/annotations").put("insula.io/code", 1)),
                new Case(
                        "no annotation's key", e -> e.withObject("/annotations").put("a b", "c")),
                new Case("an invented verb", e -> e.put("verb", "apply")));
    }

    @ParameterizedTest
    @MethodSource("faults")
    void findsEachFault(Case fault) {
        ObjectNode event = good();
        fault.damage().accept(event);
        assertThat(AuditEventSchema.violations(event)).isNotEmpty();
    }

    private static ObjectNode good() {
        List<ObjectNode> events = new ArrayList<>();
        new AuditTrail(events::add, Clock.systemUTC(), "")
                .request("/api/v1/namespaces/default/pods/web/status?dryRun=All", "patch", "test", List.of("127.0.0.1"))
                .user(new UserInfo("jane", "1", List.of("ops"), Map.of("a", List.of("b"))))
                .object("", "v1", "pods", "status", "default", "web")
                .annotate("insula.io/tenant", "acme")
                .receivedAt(Instant.parse("2026-11-28T10:00:00.123456789Z"))
                .failure(Json.object().put("status", "Failure").put("message", "no"))
                .complete(200);
        return events.getFirst();
    }
}
