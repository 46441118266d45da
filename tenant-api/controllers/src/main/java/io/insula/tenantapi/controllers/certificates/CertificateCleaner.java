package io.insula.tenantapi.controllers.certificates;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.reconcile.Outcome;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.Controller;
import io.insula.tenantapi.controllers.ControllerContext;
import io.insula.tenantapi.controllers.ControllerFactory;
import io.insula.tenantapi.controllers.ControllerSpec;
import io.insula.tenantapi.controllers.Key;
import io.insula.tenantapi.controllers.PodWriter;
import io.insula.tenantapi.controllers.Resources;
import io.insula.tenantapi.controllers.Store;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.view.Condition;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// Deletes requests that nobody needs any more: decided ones after an hour, open ones after a day.
/// Source: kubernetes, `pkg/controller/certificates/cleaner`.
final class CertificateCleaner implements Controller {

    private static final Duration DECIDED = Duration.ofHours(1);
    private static final Duration OPEN = Duration.ofHours(24);

    private final ObjectClient client;
    private final Clock clock;
    private final Store requests;

    private CertificateCleaner(ControllerContext context) {
        this.client = context.client();
        this.clock = context.clock();
        this.requests = context.store(Resources.CERTIFICATE_SIGNING_REQUESTS);
    }

    @Singleton
    static final class Factory implements ControllerFactory {
        @Override
        public String name() {
            return "certificate-cleaner-controller";
        }

        @Override
        public Controller create(ControllerContext context) {
            return new CertificateCleaner(context);
        }
    }

    @Override
    public ControllerSpec spec() {
        return ControllerSpec.of(Resources.CERTIFICATE_SIGNING_REQUESTS);
    }

    @Override
    public Outcome reconcile(Key key) {
        Optional<ObjectNode> found = requests.get(key);
        if (found.isEmpty()) {
            return Outcome.SETTLED;
        }
        Duration left = Duration.between(clock.instant(), end(found.get()));
        if (left.isPositive()) {
            return Outcome.after(left, "the request to be of no use");
        }
        try {
            client.delete(Resources.CERTIFICATE_SIGNING_REQUESTS, "", key.name(), PodWriter.onlyIf(found.get()));
        } catch (ApiException e) {
            if (!PodWriter.isGone(e)) {
                throw e;
            }
        }
        return Outcome.SETTLED;
    }

    private static Instant end(ObjectNode request) {
        Instant born = Meta.created(request).orElse(Instant.EPOCH);
        Instant end = born.plus(OPEN);
        for (JsonNode condition : Condition.listOf(request)) {
            Instant decided = Meta.time(condition.path("lastUpdateTime"))
                    .or(() -> Meta.time(condition.path("lastTransitionTime")))
                    .orElse(born);
            Instant useless = decided.plus(DECIDED);
            end = useless.isBefore(end) ? useless : end;
        }
        return end;
    }
}
