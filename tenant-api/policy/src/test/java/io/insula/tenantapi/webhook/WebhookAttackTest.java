package io.insula.tenantapi.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.admission.extension.HookServer;
import io.insula.tenantapi.api.Json;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A tenant names a webhook by a `url` that leads to the machine which the API server runs on.
final class WebhookAttackTest {

    private static final ServiceResolver NO_SERVICES = (_, _, _) -> {
        throw new WebhookFailure("no services here");
    };

    private static HookServer victim;

    @BeforeAll
    static void listen() throws Exception {
        victim = new HookServer();
        victim.on("/", _ -> Json.object().put("allowed", true));
    }

    @AfterAll
    static void close() {
        victim.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "127.9.8.7",
                "localhost",
                "LOCALHOST",
                "[::1]",
                "[::ffff:127.0.0.1]",
                "[0:0:0:0:0:0:0:1]",
                "0.0.0.0",
                "[::]",
                "169.254.169.254",
                "[fe80::1]",
                "[::ffff:169.254.169.254]",
                "user@localhost"
            })
    void reachesNothingOfTheServersOwnMachine(String host) throws Exception {
        String url = "https://" + host + ":" + victim.port() + "/";

        assertThatThrownBy(() -> call(url, Addresses::isReachable))
                .isInstanceOf(WebhookFailure.class)
                .hasMessageContaining("not for webhooks");

        assertThat(victim.asked).isEmpty();
    }

    @Test
    void wouldBeAnsweredThereIfItCouldReachIt() throws Exception {
        ObjectNode answer = call(victim.url("/"), _ -> true);

        assertThat(answer.at("/response/allowed").asBoolean()).isTrue();
        victim.asked.clear();
    }

    private static ObjectNode call(String url, Predicate<InetAddress> reachable) throws Exception {
        try (var clients = new HttpClients(List.of())) {
            var webhooks = new WebhookClient(clients, NO_SERVICES, reachable);
            ObjectNode config = Json.object().put("url", url).put("caBundle", victim.caBundle());
            ObjectNode review = Json.object().put("kind", "AdmissionReview").put("apiVersion", "admission.k8s.io/v1");
            review.putObject("request").put("uid", "1");
            return webhooks.call(config, review, Duration.ofSeconds(10));
        }
    }
}
