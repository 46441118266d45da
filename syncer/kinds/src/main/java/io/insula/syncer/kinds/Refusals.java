package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.insula.syncer.engine.Change;
import io.insula.syncer.engine.Change.ApplyToHost;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.engine.KindRef;
import io.insula.syncer.engine.TenantEvents;
import io.insula.syncer.engine.TenantView;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Parts of a tenant object that do not go down with it: told by an Event, once for each set of them. What was
/// told stands on the host object as an annotation, as Events end and are not to be made anew at each look.
final class Refusals {

    private static final int LENGTH = 1024;

    private Refusals() {}

    /// The host object, after the tenant has been told.
    ///
    /// @param host as it is; empty before it is made
    /// @param about whose Events to write, the tenant's
    /// @param refused one sentence for each part; empty where all goes down
    static List<Change> apply(
            KindRef<?> kind,
            HasMetadata wanted,
            Optional<? extends HasMetadata> host,
            List<? extends HasMetadata> about,
            String reason,
            List<String> refused,
            TenantView view) {
        var changes = new ArrayList<Change>();
        if (!refused.isEmpty()) {
            var message = String.join("; ", refused);
            message = message.substring(0, Math.min(LENGTH, message.length()));
            wanted.getMetadata().getAnnotations().put(InsulaLabels.REFUSED, message);
            if (!host.map(found -> Kinds.annotation(found, InsulaLabels.REFUSED))
                    .orElse("")
                    .equals(message)) {
                for (var object : about) {
                    changes.add(TenantEvents.warning(
                            object, reason, message, view.now().toString()));
                }
            }
        }
        changes.add(new ApplyToHost(kind, wanted));
        return changes;
    }
}
