package io.insula.controlplane.tenant;

import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.Version;
import java.util.Map;

/// The custom resource `IsolationProfile`; its schema is `deploy/crds/isolationprofiles.yaml`.
@Group(Tenancy.GROUP)
@Version(Tenancy.VERSION)
@Kind("IsolationProfile")
@Plural("isolationprofiles")
public final class IsolationProfileResource extends CustomResource<Map<String, Object>, Map<String, Object>> {

    @Override
    protected Map<String, Object> initSpec() {
        return Map.of();
    }

    @Override
    protected Map<String, Object> initStatus() {
        return Map.of();
    }
}
