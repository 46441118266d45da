package io.insula.syncer.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.Pod;
import io.insula.syncer.engine.Change.TokenWish;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Objects;

/// What is asked of a tenant's API server for a pod's tokens, and what becomes of the answer.
///
/// Source: Kubernetes documentation, "Managing Service Accounts", "Bound service account tokens"; kubernetes
/// `pkg/kubelet/token` (renewal when 80 % of the lifetime or 24 hours are over).
final class TokenRequests {

    private static final Duration LONGEST = Duration.ofHours(24);

    private TokenRequests() {}

    static String path(Pod pod) {
        return "/api/v1/namespaces/" + pod.getMetadata().getNamespace() + "/serviceaccounts/" + account(pod) + "/token";
    }

    static String account(Pod pod) {
        var name = Objects.requireNonNullElse(pod.getSpec().getServiceAccountName(), "");
        return name.isEmpty() ? "default" : name;
    }

    /// Bound to this pod and no other of the same name, so that the token ends with it.
    static ObjectNode body(Pod pod, TokenWish wish) {
        var body = Trees.object().put("apiVersion", "authentication.k8s.io/v1").put("kind", "TokenRequest");
        var spec = body.putObject("spec").put("expirationSeconds", wish.seconds());
        var audiences = spec.putArray("audiences");
        if (!wish.audience().isEmpty()) {
            audiences.add(wish.audience());
        }
        spec.putObject("boundObjectRef")
                .put("apiVersion", "v1")
                .put("kind", "Pod")
                .put("name", pod.getMetadata().getName())
                .put("uid", pod.getMetadata().getUid());
        return body;
    }

    /// Adds the token of an answer to a Secret.
    ///
    /// @return when to renew it
    /// @throws Api.ApiFailure if there is none in it
    static Instant add(ObjectNode secret, TokenWish wish, JsonNode answer, Instant now) {
        var status = answer.path("status");
        var token = status.path("token").asText("");
        if (token.isEmpty()) {
            throw new Api.ApiFailure(0, "the answer to a TokenRequest has no token");
        }
        var encoded = Base64.getEncoder().encodeToString(token.getBytes(StandardCharsets.UTF_8));
        secret.withObject("/data").put(wish.key(), encoded);
        var expires = status.path("expirationTimestamp").asText("");
        var life =
                expires.isEmpty() ? Duration.ofSeconds(wish.seconds()) : Duration.between(now, Instant.parse(expires));
        var renewal = life.multipliedBy(4).dividedBy(5);
        return now.plus(renewal.compareTo(LONGEST) > 0 ? LONGEST : renewal).truncatedTo(ChronoUnit.SECONDS);
    }
}
