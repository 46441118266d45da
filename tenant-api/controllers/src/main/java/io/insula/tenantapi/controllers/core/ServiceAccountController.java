package io.insula.tenantapi.controllers.core;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.reconcile.Outcome;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.Controller;
import io.insula.tenantapi.controllers.ControllerContext;
import io.insula.tenantapi.controllers.ControllerFactory;
import io.insula.tenantapi.controllers.ControllerSpec;
import io.insula.tenantapi.controllers.Key;
import io.insula.tenantapi.controllers.ObjectEvent;
import io.insula.tenantapi.controllers.Resources;
import io.insula.tenantapi.controllers.Store;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.ports.ObjectClient.Query;
import jakarta.inject.Singleton;
import java.util.Collection;
import java.util.List;

/// Sees to it that each active namespace has the service account `default`. Keys are namespaces.
/// Source: kubernetes, `pkg/controller/serviceaccount/serviceaccounts_controller.go`.
final class ServiceAccountController implements Controller {

    private static final String NAME = "default";
    private static final Query NAMED_DEFAULT = new Query("", "metadata.name=" + NAME);

    private final ObjectClient client;
    private final Store namespaces;
    private final Store accounts;

    private ServiceAccountController(ControllerContext context) {
        this.client = context.client();
        this.namespaces = context.store(Resources.NAMESPACES);
        this.accounts = context.store(Resources.SERVICE_ACCOUNTS, NAMED_DEFAULT);
    }

    @Singleton
    static final class Factory implements ControllerFactory {
        @Override
        public String name() {
            return "service-account-controller";
        }

        @Override
        public Controller create(ControllerContext context) {
            return new ServiceAccountController(context);
        }
    }

    @Override
    public ControllerSpec spec() {
        return ControllerSpec.of(Resources.NAMESPACES)
                .watch(Resources.SERVICE_ACCOUNTS, NAMED_DEFAULT, ServiceAccountController::lostAccount);
    }

    @Override
    public Outcome reconcile(Key key) {
        boolean wanted =
                namespaces.get(key).filter(ns -> !Meta.isBeingDeleted(ns)).isPresent();
        if (wanted && accounts.get(new Key(key.name(), NAME)).isEmpty()) {
            create(key.name());
        }
        return Outcome.SETTLED;
    }

    private void create(String namespace) {
        ObjectNode account = Json.object().put("apiVersion", "v1").put("kind", "ServiceAccount");
        account.putObject("metadata").put("name", NAME).put("namespace", namespace);
        try {
            client.create(Resources.SERVICE_ACCOUNTS, namespace, account);
        } catch (ApiException e) {
            if (!e.is("AlreadyExists")) {
                throw e;
            }
        }
    }

    private static Collection<Key> lostAccount(ObjectEvent event) {
        return event instanceof ObjectEvent.Deleted(var account)
                ? List.of(Key.cluster(Meta.namespace(account)))
                : List.of();
    }
}
