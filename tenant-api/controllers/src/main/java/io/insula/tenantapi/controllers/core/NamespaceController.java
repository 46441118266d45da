package io.insula.tenantapi.controllers.core;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.reconcile.Outcome;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.Controller;
import io.insula.tenantapi.controllers.ControllerContext;
import io.insula.tenantapi.controllers.ControllerFactory;
import io.insula.tenantapi.controllers.ControllerSpec;
import io.insula.tenantapi.controllers.Key;
import io.insula.tenantapi.controllers.ObjectEvent;
import io.insula.tenantapi.controllers.Resources;
import io.insula.tenantapi.controllers.Store;
import io.insula.tenantapi.controllers.objects.Statuses;
import io.insula.tenantapi.ports.ObjectClient;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/// Empties namespaces that are being deleted, then lets them go: pods first and until none is left, then every other
/// namespaced resource the server knows; says in conditions what is still there; at last takes `kubernetes` from
/// `spec.finalizers`. Source: kubernetes, `pkg/controller/namespace/deletion`.
final class NamespaceController implements Controller {

    private static final String FINALIZER = "kubernetes";
    private static final Duration LOOK_AGAIN = Duration.ofMillis(500);

    /// Another server's return is nobody's event here.
    private static final Duration LOOK_FOR_SERVERS = Duration.ofSeconds(5);

    private final ObjectClient client;
    private final Clock clock;
    private final Store namespaces;
    private final NamespaceContent content;

    private NamespaceController(ControllerContext context) {
        this.client = context.client();
        this.clock = context.clock();
        this.namespaces = context.store(Resources.NAMESPACES);
        this.content = new NamespaceContent(client);
    }

    @Singleton
    static final class Factory implements ControllerFactory {
        @Override
        public String name() {
            return "namespace-controller";
        }

        @Override
        public Controller create(ControllerContext context) {
            return new NamespaceController(context);
        }
    }

    @Override
    public ControllerSpec spec() {
        return ControllerSpec.of(Resources.NAMESPACES)
                .watch(Resources.PODS, this::endedPod)
                .workers(10);
    }

    @Override
    public Outcome reconcile(Key key) {
        if (namespaces.get(key).filter(Meta::isBeingDeleted).isEmpty()) {
            return Outcome.SETTLED;
        }
        Optional<ObjectNode> current = client.get(Resources.NAMESPACES, "", key.name());
        if (current.isEmpty() || !Meta.isBeingDeleted(current.get()) || !hasFinalizer(current.get())) {
            return Outcome.SETTLED;
        }
        NamespaceContent.Remaining remaining = content.deleteAll(key.name());
        ObjectNode told = tell(current.get(), remaining);
        if (!remaining.isNothing()) {
            return Outcome.after(remaining.isEmptied() ? LOOK_FOR_SERVERS : LOOK_AGAIN, "content to go: " + remaining);
        }
        finish(told);
        return Outcome.SETTLED;
    }

    private ObjectNode tell(ObjectNode namespace, NamespaceContent.Remaining remaining) {
        ObjectNode changed = namespace.deepCopy();
        ObjectNode status = Statuses.of(changed);
        boolean isNew = !status.path("phase").asText().equals("Terminating");
        status.put("phase", "Terminating");
        boolean differs = remaining.describe(status, clock.instant());
        return isNew || differs ? client.update(Resources.NAMESPACES, "", "status", changed) : namespace;
    }

    private void finish(ObjectNode namespace) {
        ObjectNode changed = namespace.deepCopy();
        ArrayNode kept = changed.withObjectProperty("spec").arrayNode();
        changed.path("spec").path("finalizers").forEach(f -> {
            if (!f.asText().equals(FINALIZER)) {
                kept.add(f);
            }
        });
        changed.withObjectProperty("spec").set("finalizers", kept);
        try {
            client.update(Resources.NAMESPACES, "", "finalize", changed);
        } catch (ApiException e) {
            if (!e.is("NotFound")) {
                throw e;
            }
        }
    }

    private static boolean hasFinalizer(ObjectNode namespace) {
        for (var finalizer : namespace.path("spec").path("finalizers")) {
            if (finalizer.asText().equals(FINALIZER)) {
                return true;
            }
        }
        return false;
    }

    private Collection<Key> endedPod(ObjectEvent event) {
        Key namespace = Key.cluster(Meta.namespace(event.object()));
        boolean matters = event instanceof ObjectEvent.Deleted
                && namespaces.get(namespace).filter(Meta::isBeingDeleted).isPresent();
        return matters ? List.of(namespace) : List.of();
    }
}
