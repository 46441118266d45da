package io.insula.controlplane.tenant;

import io.insula.controlplane.pki.IssuedKubeconfig;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// Joins tenants to the host by the syncer. A port.
public interface Attachments extends AutoCloseable {

    /// Begins to sync; does nothing where the tenant is attached already with these custom kinds. The host namespace
    /// exists.
    ///
    /// @param isRestored whether its store was set back and nobody has said yet what goes of what came later
    /// @param kubeconfig of the syncer's user; asked anew long before the last one ends
    void attach(
            String tenant,
            Supplier<IssuedKubeconfig> kubeconfig,
            ProfileSource profile,
            boolean isRestored,
            SyncedKinds kinds);

    /// Of what waits for the host, an attached tenant has so many turns in a row from now on.
    ///
    /// @param share at least 1, which it has at first
    void weigh(String tenant, int share);

    /// How far the custom kinds of an attached tenant are; none of one that is not attached. Answers from memory.
    List<KindState> kinds(String tenant);

    /// What keeps an attached tenant from being in step with the host; empty while nothing does. Answers from
    /// memory.
    Optional<Trouble> trouble(String tenant);

    /// What a person should know of the host that keeps no tenant from being ready; empty for nothing, and until
    /// the host has been asked.
    Optional<String> warning();

    /// A person's word: what is held back for want of proof may be deleted, on either side, for a few minutes.
    void release(String tenant);

    /// Ends syncing; host objects stay as they are.
    void detach(String tenant);

    /// Detaches all.
    @Override
    void close();
}
