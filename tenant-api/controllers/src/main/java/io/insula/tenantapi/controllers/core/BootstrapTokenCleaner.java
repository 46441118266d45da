package io.insula.tenantapi.controllers.core;

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
import io.insula.tenantapi.ports.ObjectClient.Query;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Deletes bootstrap tokens when they expire. Source: kubernetes, `pkg/controller/bootstrap/tokencleaner.go`.
final class BootstrapTokenCleaner implements Controller {

    private static final String NAMESPACE = BootstrapTokenSecret.NAMESPACE;
    private static final Query OF_TYPE = BootstrapTokenSecret.OF_TYPE;

    private final ObjectClient client;
    private final Clock clock;
    private final Store secrets;

    private BootstrapTokenCleaner(ControllerContext context) {
        this.client = context.client();
        this.clock = context.clock();
        this.secrets = context.store(Resources.SECRETS, OF_TYPE);
    }

    @Singleton
    static final class Factory implements ControllerFactory {
        @Override
        public String name() {
            return "token-cleaner";
        }

        @Override
        public Controller create(ControllerContext context) {
            return new BootstrapTokenCleaner(context);
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
        Optional<ObjectNode> found =
                secrets.get(key).filter(secret -> key.namespace().equals(NAMESPACE));
        Optional<Instant> expires = found.filter(secret -> !Meta.isBeingDeleted(secret))
                .flatMap(secret -> new BootstrapTokenSecret(secret).expires());
        if (found.isEmpty() || expires.isEmpty()) {
            return Outcome.SETTLED;
        }
        Duration left = Duration.between(clock.instant(), expires.get());
        if (left.isPositive()) {
            return Outcome.after(left, "the token to expire");
        }
        try {
            client.delete(Resources.SECRETS, key.namespace(), key.name(), PodWriter.onlyIf(found.get()));
        } catch (ApiException e) {
            if (!PodWriter.isGone(e)) {
                throw e;
            }
        }
        return Outcome.SETTLED;
    }
}
