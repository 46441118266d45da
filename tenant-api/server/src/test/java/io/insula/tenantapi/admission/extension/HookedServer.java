package io.insula.tenantapi.admission.extension;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.rules.network.AddressBlock;
import io.insula.rules.network.IpAddress;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.egress.Destination;
import io.insula.tenantapi.egress.EgressPolicy;
import io.insula.tenantapi.fake.FakeObjectClient;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.server.LocalServer;
import io.insula.tenantapi.server.ServerComponents;
import io.insula.tenantapi.server.ServerConfig;
import io.insula.tenantapi.server.TenantApiServer;
import io.insula.tenantapi.storage.memory.InMemoryStorage;
import io.micronaut.context.ApplicationContext;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A whole server without controllers, over storage in memory, and webhooks that really listen. It has a namespace `ns`
/// with the label `team: a`. Confined to one test at a time.
final class HookedServer implements AutoCloseable {

    static final GroupVersionResource CONFIG_MAPS = core("configmaps");
    static final GroupVersionResource NAMESPACES = core("namespaces");
    static final GroupVersionResource MUTATING = admission("mutatingwebhookconfigurations");
    static final GroupVersionResource VALIDATING = admission("validatingwebhookconfigurations");
    static final GroupVersionResource DEFINITIONS =
            new GroupVersionResource("apiextensions.k8s.io", "v1", "customresourcedefinitions");

    private final ApplicationContext beans = ApplicationContext.run();
    final HookServer hooks = new HookServer();
    private @Nullable TenantApiServer server;

    HookedServer() throws Exception {}

    /// A new one, of which nobody has asked anything yet.
    ObjectClient start() throws Exception {
        stop();
        hooks.asked.clear();
        var fresh = new TenantApiServer(
                beans.getBean(ServerComponents.class),
                ServerConfig.builder(new InMemoryStorage(), LocalServer.keys())
                        .serviceResolver(c -> (namespace, name, port) ->
                                new Destination.At(IpAddress.parse("127.0.0.1").orElseThrow(), hooks.port(), false))
                        .egress(EgressPolicy.CLOSED.opening(List.of(AddressBlock.of("127.0.0.0/8"))))
                        .build());
        fresh.start();
        server = fresh;
        fresh.client().create(NAMESPACES, "", FakeObjectClient.yaml("metadata: {name: ns, labels: {team: a}}"));
        return fresh.client();
    }

    /// Declares one webhook that is asked about new ConfigMaps in namespaces of team `a`.
    ///
    /// @param kind [#MUTATING] or [#VALIDATING]
    /// @param target `url` or `service`
    /// @param more fields of it, may be empty
    void webhook(GroupVersionResource kind, String name, String target, String more) throws Exception {
        client().create(kind, "", FakeObjectClient.yaml("""
                metadata: {name: %s}
                webhooks:
                - name: %s
                  sideEffects: None
                  admissionReviewVersions: [v1]
                  namespaceSelector: {matchLabels: {team: a}}
                  rules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [configmaps]}]
                  clientConfig: {%s, caBundle: %s}
                  %s
                """.formatted(name, name, target, hooks.caBundle(), more)));
    }

    private ObjectClient client() {
        if (server == null) {
            throw new IllegalStateException("not started");
        }
        return server.client();
    }

    private void stop() {
        if (server != null) {
            server.close();
            server = null;
        }
    }

    @Override
    public void close() {
        stop();
        hooks.close();
        beans.close();
    }

    static ObjectNode allowed() {
        return Json.object().put("allowed", true);
    }

    static ObjectNode denied(String message) {
        ObjectNode response = Json.object().put("allowed", false);
        response.putObject("status").put("message", message);
        return response;
    }

    static GroupVersionResource core(String resource) {
        return new GroupVersionResource("", "v1", resource);
    }

    static GroupVersionResource admission(String resource) {
        return new GroupVersionResource("admissionregistration.k8s.io", "v1", resource);
    }
}
