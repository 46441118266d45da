package io.insula.controlplane.cluster;

import io.insula.tenantapi.api.ApiException;

/// Who of several controller managers of one cluster works. A port.
interface ControllersLease {

    /// Where there can be no others.
    ControllersLease OURS = new ControllersLease() {
        @Override
        public boolean hold() {
            return true;
        }

        @Override
        public void release() {
            // nobody could take it
        }

        @Override
        public boolean isElsewhere() {
            return false;
        }
    };

    /// Takes it, or holds it for longer.
    ///
    /// @return whether it is ours now; false while somebody else has it
    /// @throws ApiException where it cannot be read or written now
    boolean hold();

    /// Gives it up where it is ours, as a holder does at its end.
    ///
    /// @throws ApiException where it cannot be read or written now
    void release();

    /// Whether somebody else has it now.
    boolean isElsewhere();
}
