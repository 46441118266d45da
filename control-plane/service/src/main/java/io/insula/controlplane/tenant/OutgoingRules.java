package io.insula.controlplane.tenant;

import io.insula.rules.network.AddressBlock;
import io.insula.syncer.engine.HostRanges;
import java.util.List;

/// Where tenants' API servers may dial, beyond what is anybody's. Immutable.
///
/// @param opened by the superuser
/// @param host addresses of the host cluster that it does not name itself
public record OutgoingRules(List<AddressBlock> opened, HostRanges host) {

    /// Nothing private, nothing of the host's.
    public static final OutgoingRules NONE = new OutgoingRules(List.of(), HostRanges.NONE);

    public OutgoingRules {
        opened = List.copyOf(opened);
    }
}
