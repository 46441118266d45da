package io.insula.controlplane.drill;

import io.insula.controlplane.pki.IssuedKubeconfig;
import io.insula.controlplane.tenant.Attachments;
import io.insula.controlplane.tenant.KindState;
import io.insula.controlplane.tenant.ProfileSource;
import io.insula.controlplane.tenant.SyncedKinds;
import io.insula.controlplane.tenant.Trouble;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// No syncer.
record Unattached() implements Attachments {

    @Override
    public void attach(
            String tenant,
            Supplier<IssuedKubeconfig> kubeconfig,
            ProfileSource profile,
            boolean isRestored,
            SyncedKinds kinds) {
        // as its attaching does
        var _ = kubeconfig.get();
    }

    @Override
    public void weigh(String tenant, int share) {
        // nothing waits
    }

    @Override
    public List<KindState> kinds(String tenant) {
        return List.of();
    }

    @Override
    public Optional<Trouble> trouble(String tenant) {
        return Optional.empty();
    }

    @Override
    public Optional<String> warning() {
        return Optional.empty();
    }

    @Override
    public void release(String tenant) {
        // nothing is held
    }

    @Override
    public void detach(String tenant) {
        // nothing is attached
    }

    @Override
    public void close() {
        // nothing is attached
    }
}
