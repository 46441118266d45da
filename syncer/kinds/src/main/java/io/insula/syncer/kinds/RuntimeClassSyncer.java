package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.node.v1.RuntimeClass;
import io.fabric8.kubernetes.api.model.node.v1.RuntimeClassBuilder;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.engine.SyncSpec;
import io.insula.syncer.engine.TenantView;
import jakarta.inject.Singleton;

/// A tenant sees the host's RuntimeClasses that its isolation profiles use, so that a pod may ask for a profile
/// by `runtimeClassName`. The overhead is the host's; where such pods run is not told, as the host decides it.
/// A RuntimeClass that a tenant made itself is left alone; it changes nothing on the host.
@Singleton
final class RuntimeClassSyncer implements ShownClasses<RuntimeClass> {

    private static final SyncSpec<RuntimeClass> SPEC = ShownClasses.declared(Kinds.RUNTIME_CLASS);

    @Override
    public SyncSpec<RuntimeClass> spec() {
        return SPEC;
    }

    @Override
    public boolean isShown(RuntimeClass host, TenantView view) {
        return view.profiles().runtimeClassNames().contains(Kinds.name(host));
    }

    @Override
    public RuntimeClass shown(RuntimeClass host) {
        return new RuntimeClassBuilder()
                .withNewMetadata()
                .withName(Kinds.name(host))
                .addToLabels(InsulaLabels.MANAGED_BY, InsulaLabels.SYNCER)
                .endMetadata()
                .withHandler(host.getHandler())
                .withOverhead(host.getOverhead())
                .build();
    }

    @Override
    public String reasonToHide() {
        return "no isolation profile uses it";
    }
}
