package io.insula.tenantapi.admission.plugins;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.rules.keys.WellKnownKeys;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.registry.AdmissionPlugin;
import jakarta.inject.Singleton;
import java.util.Set;

/// Gives Ingresses that name no class the default one. Source:
/// kubernetes/plugin/pkg/admission/network/defaultingressclass.
@Singleton
final class DefaultIngressClass implements AdmissionPlugin.Mutating {

    private static final String GROUP = "networking.k8s.io";
    private static final GroupVersionResource CLASSES = new GroupVersionResource(GROUP, "v1", "ingressclasses");

    @Override
    public PluginSpec spec() {
        return new PluginSpec("DefaultIngressClass", 250, Set.of(Operation.CREATE));
    }

    @Override
    public void admit(Request request) {
        if (!Requests.isFor(request, GROUP, "ingresses")) {
            return;
        }
        ObjectNode spec = Requests.spec(request);
        boolean chosen = spec.hasNonNull("ingressClassName")
                || Meta.annotations(Requests.object(request)).containsKey(WellKnownKeys.INGRESS_CLASS);
        if (!chosen) {
            DefaultClasses.find(request.client(), CLASSES, WellKnownKeys.DEFAULT_INGRESS_CLASS)
                    .ifPresent(name -> spec.put("ingressClassName", name));
        }
    }
}
