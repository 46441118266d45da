package io.insula.controlplane.cluster;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.controlplane.pki.ClusterPki;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.auth.UserInfo;
import io.insula.tenantapi.registry.AdmissionPlugin;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a tenant is shown of the host's by a rule is there to be looked at: nobody in the tenant writes or deletes it
/// but the syncer and the tenant's own system, and nobody passes off something as shown.
final class ShownAdmission implements AdmissionPlugin.Validating {

    private static final int ORDER = 10_003;

    @Override
    public PluginSpec spec() {
        return new PluginSpec("InsulaShown", ORDER, Set.of(Operation.CREATE, Operation.UPDATE, Operation.DELETE));
    }

    @Override
    public void validate(Request request) {
        if (isSystem(request.user())) {
            return;
        }
        if (isShown(request.oldObject())) {
            throw ApiException.forbidden(
                    request.resource(),
                    request.name(),
                    "it is the shared cluster's, and shown to be looked at only; what it is its administrators say");
        }
        if (isShown(request.object())) {
            throw ApiException.forbidden(
                    request.resource(),
                    request.name(),
                    "the annotation " + InsulaLabels.SHOWN + " is for what the shared cluster shows");
        }
    }

    private static boolean isShown(@Nullable ObjectNode object) {
        return object != null && object.path("metadata").path("annotations").has(InsulaLabels.SHOWN);
    }

    /// The syncer is known by its group, which nobody else can get.
    private static boolean isSystem(UserInfo user) {
        return user.groups().contains(ClusterPki.SYNCER)
                || user.name().equals(UserInfo.loopback().name())
                || user.name().startsWith("system:controller:");
    }
}
