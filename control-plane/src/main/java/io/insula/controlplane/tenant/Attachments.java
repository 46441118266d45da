package io.insula.controlplane.tenant;

import java.util.function.Supplier;

/// Joins tenants to the host by the syncer. A port.
public interface Attachments extends AutoCloseable {

    /// Begins to sync; does nothing where the tenant is attached already. The host namespace exists.
    ///
    /// @param kubeconfig of the tenant's cluster administrator; asked only when needed
    void attach(String tenant, Supplier<String> kubeconfig, ProfileSource profile);

    /// Ends syncing; host objects stay as they are.
    void detach(String tenant);

    /// Detaches all.
    @Override
    void close();
}
