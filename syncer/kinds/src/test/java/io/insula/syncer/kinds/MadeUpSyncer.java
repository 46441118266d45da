package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.PodTemplate;
import io.fabric8.kubernetes.api.model.PodTemplateBuilder;
import io.insula.syncer.engine.Change;
import io.insula.syncer.engine.Change.ApplyToHost;
import io.insula.syncer.engine.Change.DeleteFromHost;
import io.insula.syncer.engine.Change.Proof;
import io.insula.syncer.engine.KindRef;
import io.insula.syncer.engine.SyncEvent;
import io.insula.syncer.engine.SyncEvent.HostOnly;
import io.insula.syncer.engine.SyncEvent.Paired;
import io.insula.syncer.engine.SyncEvent.TenantOnly;
import io.insula.syncer.engine.SyncSpec;
import io.insula.syncer.engine.Syncer;
import io.insula.syncer.engine.TenantView;
import io.micronaut.context.annotation.Requires;
import jakarta.inject.Singleton;
import java.util.List;

/// What somebody writes who adds a synced kind. It is there only where a context asks for what is made up.
@Singleton
@Requires(env = "made-up")
final class MadeUpSyncer implements Syncer<PodTemplate> {

    private static final KindRef<PodTemplate> KIND = KindRef.of(PodTemplate.class, true);

    private static final SyncSpec<PodTemplate> SPEC =
            SyncSpec.tenantToHost(PodTemplate.class, "get", "list", "watch", "create", "patch", "delete");

    @Override
    public SyncSpec<PodTemplate> spec() {
        return SPEC;
    }

    @Override
    public List<Change> decide(SyncEvent<PodTemplate> event, TenantView view) {
        return switch (event) {
            case TenantOnly<PodTemplate>(var tenant) -> List.of(apply(tenant, view));
            case Paired<PodTemplate>(var tenant, var _) -> List.of(apply(tenant, view));
            case HostOnly<PodTemplate>(var host) ->
                List.of(new DeleteFromHost(KIND, host, Proof.TENANT_OBJECT_GONE, "tenant object is gone", null));
        };
    }

    private static Change apply(PodTemplate tenant, TenantView view) {
        return new ApplyToHost(
                KIND,
                new PodTemplateBuilder()
                        .withMetadata(view.names().hostMeta("PodTemplate", tenant))
                        .withTemplate(tenant.getTemplate())
                        .build());
    }
}
