package io.insula.controlplane.tenant;

import io.insula.controlplane.home.AtomicFiles;
import io.insula.reconcile.Outcome;
import io.insula.tenantapi.storage.Storage;
import java.nio.file.Files;
import java.nio.file.Path;

/// A tenant that was made of another one's backup begins to serve only when its store has nothing any more that only
/// the other one can have ([CopiedStore]). The mark for that lies beside the store, where nobody takes it off.
record CopyStep() implements TenantStep {

    @Override
    public String condition() {
        return TenantCondition.PROVISIONED;
    }

    @Override
    public Outcome settle(Tenant tenant, TenantUnit unit) {
        Path mark = Restoration.copyMark(unit.runtime().folder());
        if (!Files.exists(mark)) {
            return Outcome.SETTLED;
        }
        try (Storage store = unit.runtime()
                .store()
                .orElseThrow(() -> new IllegalStateException("its etcd has ended again"))
                .open()) {
            CopiedStore.settle(store);
        }
        AtomicFiles.delete(mark);
        AtomicFiles.syncFolder(mark.resolveSibling(""));
        return Outcome.SETTLED;
    }
}
