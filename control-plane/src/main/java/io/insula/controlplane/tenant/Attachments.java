package io.insula.controlplane.tenant;

/// Joins tenants to the host by the syncer. A port.
public interface Attachments extends AutoCloseable {

    /// Begins to sync; does nothing where the tenant is attached already.
    ///
    /// @param kubeconfig of the tenant's cluster administrator
    void attach(String tenant, String hostNamespace, String kubeconfig, ProfileSource profile);

    /// Ends syncing; host objects stay as they are.
    void detach(String tenant);

    /// Detaches all.
    @Override
    void close();
}
