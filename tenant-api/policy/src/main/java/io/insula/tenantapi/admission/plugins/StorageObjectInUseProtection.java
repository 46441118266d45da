package io.insula.tenantapi.admission.plugins;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.insula.rules.keys.WellKnownKeys;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.registry.AdmissionPlugin;
import jakarta.inject.Singleton;
import java.util.Map;
import java.util.Set;

/// Gives new volumes and claims the finalizer that keeps them while they are in use; the protection controllers take it
/// away. Source: kubernetes/plugin/pkg/admission/storage/storageobjectinuseprotection.
@Singleton
final class StorageObjectInUseProtection implements AdmissionPlugin.Mutating {

    private static final Map<String, String> FINALIZERS = Map.of(
            "persistentvolumes", WellKnownKeys.PV_PROTECTION,
            "persistentvolumeclaims", WellKnownKeys.PVC_PROTECTION);

    @Override
    public PluginSpec spec() {
        return new PluginSpec("StorageObjectInUseProtection", 160, Set.of(Operation.CREATE));
    }

    @Override
    public void admit(Request request) {
        String finalizer = FINALIZERS.get(request.resource().resource());
        if (finalizer == null || !Requests.isFor(request, "", request.resource().resource())) {
            return;
        }
        if (!Meta.finalizers(Requests.object(request)).contains(finalizer)) {
            ArrayNode finalizers = Meta.of(Requests.object(request)).withArrayProperty("finalizers");
            finalizers.add(finalizer);
        }
    }
}
