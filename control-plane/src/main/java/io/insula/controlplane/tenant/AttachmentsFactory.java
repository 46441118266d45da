package io.insula.controlplane.tenant;

import io.fabric8.kubernetes.client.Config;
import io.insula.controlplane.audit.AuditTrail;

/// Starts the syncer against a host. A port.
@FunctionalInterface
public interface AttachmentsFactory {

    /// @param host how the syncer reaches the host
    Attachments start(Config host, AuditTrail audit);
}
