package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.Pod;
import io.insula.syncer.engine.Change;
import io.insula.syncer.engine.TenantEvents;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// What a tenant may write in a pod and the host does not get, one sentence for each field that is set; the user reads
/// them in an Event of the pod. What every pod has, and what has no other meaning on the host than in the tenant, is in
/// the table of the module's README instead.
final class PodNotes {

    private PodNotes() {}

    static List<String> of(Pod tenant) {
        var spec = tenant.getSpec();
        var notes = new ArrayList<String>();
        if (!Objects.requireNonNullElse(spec.getSubdomain(), "").isEmpty()
                && PodHostname.override(tenant).isEmpty()) {
            notes.add("spec.subdomain: served by the tenant's DNS; inside the pod `hostname -f` answers the short name"
                    + " unless setHostnameAsFQDN is set");
        }
        if (PodHostname.override(tenant).isPresent()) {
            notes.add(
                    "spec.setHostnameAsFQDN: holds on nodes that serve hostnameOverride (Kubernetes 1.35, or 1.34 with"
                            + " its feature gate); elsewhere the pod has its short name");
        }
        return notes;
    }

    /// The same notes are the same Event.
    static Change told(Pod tenant, List<String> notes, Instant now) {
        return TenantEvents.normal(tenant, "NotOnHost", String.join("; ", notes), now.toString());
    }
}
