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
import io.insula.tenantapi.controllers.Resources;
import io.insula.tenantapi.controllers.Store;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.ports.ObjectClient.Query;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Optional;

/// Keeps the ConfigMap `kube-root-ca.crt` in each active namespace, and its content right. Keys are namespaces.
/// Source: kubernetes, `pkg/controller/certificates/rootcacertpublisher`.
final class RootCaPublisher implements Controller {

    private static final String NAME = "kube-root-ca.crt";
    private static final Query NAMED = new Query("", "metadata.name=" + NAME);
    private static final String DESCRIPTION = "Contains a CA bundle that can be used to verify the kube-apiserver when"
            + " using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is"
            + " guaranteed across distributions of Kubernetes clusters.";

    private final ObjectClient client;
    private final Store namespaces;
    private final Store configMaps;
    private final String rootCaPem;

    private RootCaPublisher(ControllerContext context) {
        this.client = context.client();
        this.namespaces = context.store(Resources.NAMESPACES);
        this.configMaps = context.store(Resources.CONFIG_MAPS, NAMED);
        this.rootCaPem = context.facts().rootCaPem();
    }

    @Singleton
    static final class Factory implements ControllerFactory {
        @Override
        public String name() {
            return "root-ca-cert-publisher";
        }

        @Override
        public Controller create(ControllerContext context) {
            return new RootCaPublisher(context);
        }
    }

    @Override
    public ControllerSpec spec() {
        return ControllerSpec.of(Resources.NAMESPACES)
                .watch(Resources.CONFIG_MAPS, NAMED, event -> List.of(Key.cluster(Meta.namespace(event.object()))));
    }

    @Override
    public Outcome reconcile(Key key) {
        if (namespaces.get(key).filter(ns -> !Meta.isBeingDeleted(ns)).isEmpty()) {
            return Outcome.SETTLED;
        }
        Optional<ObjectNode> current = configMaps.get(new Key(key.name(), NAME));
        ObjectNode wanted = wanted(key.name());
        if (current.isEmpty()) {
            create(key.name(), wanted);
        } else if (!current.get().path("data").equals(wanted.path("data"))) {
            repair(current.get(), wanted);
        }
        return Outcome.SETTLED;
    }

    private void create(String namespace, ObjectNode wanted) {
        try {
            client.create(Resources.CONFIG_MAPS, namespace, wanted);
        } catch (ApiException e) {
            if (!e.is("AlreadyExists")) {
                throw e;
            }
        }
    }

    private void repair(ObjectNode current, ObjectNode wanted) {
        ObjectNode repaired = current.deepCopy();
        repaired.set("data", wanted.get("data"));
        Meta.of(repaired).withObjectProperty("annotations").put("kubernetes.io/description", DESCRIPTION);
        client.update(Resources.CONFIG_MAPS, Meta.namespace(current), "", repaired);
    }

    private ObjectNode wanted(String namespace) {
        ObjectNode map = Json.object().put("apiVersion", "v1").put("kind", "ConfigMap");
        ObjectNode meta = map.putObject("metadata").put("name", NAME).put("namespace", namespace);
        meta.putObject("annotations").put("kubernetes.io/description", DESCRIPTION);
        map.putObject("data").put("ca.crt", rootCaPem);
        return map;
    }
}
