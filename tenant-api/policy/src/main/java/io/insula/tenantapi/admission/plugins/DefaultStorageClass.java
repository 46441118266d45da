package io.insula.tenantapi.admission.plugins;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.rules.keys.WellKnownKeys;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.registry.AdmissionPlugin;
import jakarta.inject.Singleton;
import java.util.Set;

/// Gives claims that name no class the default one. Source: kubernetes/plugin/pkg/admission/storage/storageclass.
@Singleton
final class DefaultStorageClass implements AdmissionPlugin.Mutating {

    private static final GroupVersionResource CLASSES =
            new GroupVersionResource("storage.k8s.io", "v1", "storageclasses");

    @Override
    public PluginSpec spec() {
        return new PluginSpec("DefaultStorageClass", 150, Set.of(Operation.CREATE));
    }

    @Override
    public void admit(Request request) {
        if (!Requests.isFor(request, "", "persistentvolumeclaims")) {
            return;
        }
        ObjectNode spec = Requests.spec(request);
        boolean chosen = spec.hasNonNull("storageClassName")
                || Meta.annotations(Requests.object(request)).containsKey(WellKnownKeys.STORAGE_CLASS);
        if (!chosen) {
            DefaultClasses.find(
                            request.client(),
                            CLASSES,
                            WellKnownKeys.DEFAULT_STORAGE_CLASS,
                            "storageclass.beta.kubernetes.io/is-default-class")
                    .ifPresent(name -> spec.put("storageClassName", name));
        }
    }
}
