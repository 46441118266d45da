package io.insula.tenantapi.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.audit.AuditSink;
import io.micronaut.context.ApplicationContext;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What the audit trail does not take does not happen.
final class UnrecordedRequestTest {

    private static final String MAPS = "/api/v1/namespaces/default/configmaps";
    private static final String MAP = "{\"metadata\": {\"name\": \"unseen\"}}";

    private final ApplicationContext beans = ApplicationContext.run();
    private final ServiceFixture tenant =
            new ServiceFixture(beans.getBean(ServerComponents.class), ServiceConfig.usual());

    @BeforeEach
    void failAudit() {
        tenant.failAuditWith(
                new AuditSink.Unavailable("no space left on device", new IOException("No space left on device")));
    }

    @AfterEach
    void stop() {
        tenant.close();
        beans.close();
    }

    @Test
    void refusesAWriteThatCannotBeRecordedAndDoesNothing() {
        JsonNode status = tenant.json(503, "POST", MAPS, MAP);

        assertThat(status.path("reason").asText()).isEqualTo("ServiceUnavailable");
        assertThat(status.path("message").asText())
                .contains("the audit trail takes no events", "no space left on device", "nothing was done");
        tenant.failAuditWith(null);
        assertThat(tenant.get(MAPS + "/unseen").statusCode()).isEqualTo(404);
    }

    @Test
    void refusesReadsAndWatchesThatCannotBeRecorded() {
        assertThat(tenant.get(MAPS).statusCode()).isEqualTo(503);
        assertThat(tenant.get(MAPS + "?watch=1&timeoutSeconds=1").statusCode()).isEqualTo(503);
    }

    @Test
    void goesOnWhenTheTrailDoes() {
        tenant.json(503, "POST", MAPS, MAP);
        tenant.failAuditWith(null);

        tenant.json(201, "POST", MAPS, MAP);
        assertThat(tenant.audited())
                .anySatisfy(event ->
                        assertThat(event.at("/objectRef/name").asText()).isEqualTo("unseen"));
    }
}
