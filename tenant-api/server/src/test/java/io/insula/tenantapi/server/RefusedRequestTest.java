package io.insula.tenantapi.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.audit.AuditEventSchema;
import io.insula.tenantapi.http.TestPki;
import io.insula.tenantapi.storage.memory.InMemoryStorage;
import io.micronaut.context.ApplicationContext;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// Somebody tries what leaves no trace because no handler ever sees it.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("StringConcatToTextBlock") // the line ends are what is sent
final class RefusedRequestTest {

    private static final int DEADLINE_MILLIS = 60_000;

    private final List<ObjectNode> audited = new CopyOnWriteArrayList<>();
    private final ApplicationContext beans = ApplicationContext.run();
    private LocalServer tenant;

    @BeforeAll
    void start() throws Exception {
        tenant = new LocalServer(
                beans.getBean(ServerComponents.class),
                new InMemoryStorage(),
                0,
                config -> config.auditSink(audited::add));
    }

    @AfterAll
    void stop() {
        tenant.close();
        beans.close();
    }

    @Test
    void recordsABodyThatIsTooLargeUnderItsSendersName() throws Exception {
        String answer = send(
                tenant.admin(),
                "PUT /api/v1/namespaces/default/configmaps/big HTTP/1.1\r\nHost: a\r\nUser-Agent: mallory/1\r\n"
                        + "Content-Length: 99999999\r\n\r\n");

        assertThat(answer).startsWith("HTTP/1.1 413 ");
        ObjectNode event = only("/api/v1/namespaces/default/configmaps/big");
        assertThat(event.path("verb").asText()).isEqualTo("update");
        assertThat(event.at("/user/username").asText()).isEqualTo("admin");
        assertThat(event.at("/objectRef/name").asText()).isEqualTo("big");
        assertThat(event.path("userAgent").asText()).isEqualTo("mallory/1");
        assertThat(event.at("/responseStatus/code").asInt()).isEqualTo(413);
        assertThat(event.at("/responseStatus/message").asText()).contains("too large");
        assertThat(AuditEventSchema.violations(event)).isEmpty();
    }

    @Test
    void recordsWhatAProxyMightReadOtherwise() throws Exception {
        String answer = send(
                null,
                "POST /api/v1/namespaces/default/pods HTTP/1.1\r\nHost: a\r\nHost: b\r\nContent-Length: 0\r\n\r\n");

        assertThat(answer).startsWith("HTTP/1.1 400 ");
        ObjectNode event = only("/api/v1/namespaces/default/pods");
        assertThat(event.at("/user/username").isMissingNode()).isTrue();
        assertThat(event.at("/sourceIPs/0").asText()).isEqualTo("127.0.0.1");
        assertThat(AuditEventSchema.violations(event)).isEmpty();
    }

    @Test
    void recordsWhatIsNoHttp() throws Exception {
        assertThat(send(tenant.admin(), "nonsense\r\n\r\n")).startsWith("HTTP/1.1 400 ");

        ObjectNode event = only("");
        assertThat(event.at("/user/username").asText()).isEqualTo("admin");
        assertThat(event.path("verb").asText()).isEqualTo("unknown");
        assertThat(event.at("/responseStatus/code").asInt()).isEqualTo(400);
        assertThat(AuditEventSchema.violations(event)).isEmpty();
    }

    /// It was recorded before the answer left, so there is nothing to wait for.
    private ObjectNode only(String uri) {
        List<ObjectNode> found = audited.stream()
                .filter(event -> event.path("requestURI").asText().equals(uri))
                .toList();
        assertThat(found).as("events of " + uri).hasSize(1);
        return found.getFirst();
    }

    private String send(TestPki.@Nullable Identity who, String text) throws Exception {
        try (var socket = (SSLSocket) tenant.pki()
                .clientContext(who)
                .getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), tenant.server().port())) {
            socket.setSoTimeout(DEADLINE_MILLIS);
            socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "no answer: " + e;
        }
    }
}
