package io.insula.tenantapi.controllers.core;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.reconcile.Outcome;
import io.insula.rules.keys.WellKnownKeys;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.Controller;
import io.insula.tenantapi.controllers.ControllerContext;
import io.insula.tenantapi.controllers.ControllerFactory;
import io.insula.tenantapi.controllers.ControllerSpec;
import io.insula.tenantapi.controllers.Key;
import io.insula.tenantapi.controllers.PodWriter;
import io.insula.tenantapi.controllers.Resources;
import io.insula.tenantapi.controllers.Store;
import io.insula.tenantapi.controllers.objects.MergePatches;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.ports.ObjectClient.Query;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Puts away the tokens that Kubernetes once made for every service account: one that nobody used for a year is
/// marked invalid, and deleted after another year. Only those that their service account lists are concerned: a
/// Secret that a person made stays. Source: kubernetes,
/// `pkg/controller/serviceaccount/legacy_serviceaccount_token_cleaner.go`.
final class LegacyTokenCleaner implements Controller {

    private static final Query OF_TYPE = new Query("", "type=kubernetes.io/service-account-token");
    private static final String TRACKING = "kube-apiserver-legacy-service-account-token-tracking";
    private static final Duration AGAIN = Duration.ofDays(1);
    private static final int UNUSED_DAYS = 365;

    private final ObjectClient client;
    private final Clock clock;
    private final Store secrets;

    private LegacyTokenCleaner(ControllerContext context) {
        client = context.client();
        clock = context.clock();
        secrets = context.store(Resources.SECRETS, OF_TYPE);
    }

    @Singleton
    static final class Factory implements ControllerFactory {
        @Override
        public String name() {
            return "legacy-service-account-token-cleaner";
        }

        @Override
        public Controller create(ControllerContext context) {
            return new LegacyTokenCleaner(context);
        }
    }

    @Override
    public ControllerSpec spec() {
        return new ControllerSpec(
                1,
                List.of(new ControllerSpec.Watched(
                        Resources.SECRETS, OF_TYPE, event -> List.of(Key.of(event.object())))));
    }

    @Override
    public Outcome reconcile(Key key) {
        Optional<ObjectNode> found = secrets.get(key).filter(secret -> !Meta.isBeingDeleted(secret));
        if (found.isEmpty()) {
            return Outcome.SETTLED;
        }
        LocalDate edge = today().minusDays(UNUSED_DAYS);
        if (isTrackedSince(edge) && isUnused(found.get(), edge)) {
            putAway(key, found.get(), edge);
        }
        return Outcome.after(AGAIN, "the token to be used, or not");
    }

    /// Cheap questions first: most Secrets are young or in use.
    private boolean isUnused(ObjectNode secret, LocalDate edge) {
        Instant created = Meta.created(secret).orElse(clock.instant());
        if (!created.isBefore(clock.instant().minus(Duration.ofDays(UNUSED_DAYS)))) {
            return false;
        }
        String lastUsed = Meta.labels(secret).getOrDefault(WellKnownKeys.TOKEN_LAST_USED, "");
        if (!lastUsed.isEmpty()
                && date(lastUsed).filter(day -> day.isBefore(edge)).isEmpty()) {
            return false;
        }
        return isGenerated(secret) && !isMounted(secret);
    }

    private void putAway(Key key, ObjectNode secret, LocalDate edge) {
        Optional<LocalDate> invalidSince =
                date(Meta.labels(secret).getOrDefault(WellKnownKeys.TOKEN_INVALID_SINCE, ""));
        if (invalidSince.isEmpty()) {
            // Only what was looked at: meanwhile somebody may have used it.
            ObjectNode patch = MergePatches.asRead(secret);
            Meta.of(patch).putObject("labels").put(WellKnownKeys.TOKEN_INVALID_SINCE, today().toString());
            client.mergePatch(Resources.SECRETS, key.namespace(), key.name(), "", patch);
        } else if (invalidSince.get().isBefore(edge)) {
            delete(key, secret);
        }
    }

    private void delete(Key key, ObjectNode secret) {
        ObjectNode options = Json.object();
        options.putObject("preconditions").put("resourceVersion", Meta.resourceVersion(secret));
        try {
            client.delete(Resources.SECRETS, key.namespace(), key.name(), options);
        } catch (ApiException e) {
            if (!PodWriter.isGone(e)) {
                throw e;
            }
        }
    }

    /// Uses are recorded since a day that the API server wrote down; what was before nobody knows.
    private boolean isTrackedSince(LocalDate edge) {
        return client.get(Resources.CONFIG_MAPS, "kube-system", TRACKING)
                .flatMap(map -> date(map.path("data").path("since").asText("")))
                .filter(since -> !edge.isBefore(since.plusDays(1)))
                .isPresent();
    }

    private boolean isGenerated(ObjectNode secret) {
        Map<String, String> annotations = Meta.annotations(secret);
        String uid = annotations.getOrDefault(WellKnownKeys.ACCOUNT_UID, "");
        return client.get(
                        Resources.SERVICE_ACCOUNTS,
                        Meta.namespace(secret),
                        annotations.getOrDefault(WellKnownKeys.ACCOUNT_NAME, ""))
                .filter(account -> uid.isEmpty() || uid.equals(Meta.uid(account)))
                .filter(account -> account.path("secrets")
                        .valueStream()
                        .anyMatch(reference -> reference.path("name").asText().equals(Meta.name(secret))))
                .isPresent();
    }

    private boolean isMounted(ObjectNode secret) {
        return client.list(Resources.PODS, Meta.namespace(secret), Query.ALL).items().stream()
                .anyMatch(pod -> names(pod.path("spec"), Meta.name(secret)));
    }

    /// Whether a pod has the name anywhere where a Secret is named: volumes, environment, registry credentials.
    private static boolean names(JsonNode node, String secret) {
        for (Map.Entry<String, JsonNode> field : node.properties()) {
            JsonNode value = field.getValue();
            boolean names = switch (field.getKey()) {
                case "secret" ->
                    value.path("secretName").asText().equals(secret)
                            || value.path("name").asText().equals(secret);
                case "secretRef", "secretKeyRef" -> value.path("name").asText().equals(secret);
                case "imagePullSecrets" ->
                    value.valueStream()
                            .anyMatch(each -> each.path("name").asText().equals(secret));
                default -> false;
            };
            if (names || names(value, secret)) {
                return true;
            }
        }
        return node.isArray() && node.valueStream().anyMatch(each -> names(each, secret));
    }

    private LocalDate today() {
        return LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
    }

    private static Optional<LocalDate> date(String text) {
        try {
            return text.isEmpty() ? Optional.empty() : Optional.of(LocalDate.parse(text));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }
}
