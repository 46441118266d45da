package io.insula.controlplane.tenant;

import io.insula.syncer.engine.InsulaLabels;

/// Labels of what the control plane keeps on the host.
final class HostLabels {

    static final String MANAGED_BY = InsulaLabels.MANAGED_BY;
    static final String CONTROL_PLANE = "insula-control-plane";
    /// Of policies that belong to one profile: `true`.
    static final String PROFILE_POLICY = "insula.io/profile-policy";

    private HostLabels() {}
}
