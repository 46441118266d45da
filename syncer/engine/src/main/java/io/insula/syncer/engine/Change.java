package io.insula.syncer.engine;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a syncer wants done. The engine carries changes out in order and stops at the first that fails.
public sealed interface Change {

    /// Server-side apply of exactly these fields. Skipped if the host object already has them.
    record ApplyToHost(KindRef<?> kind, HasMetadata wanted) implements Change {}

    /// POST of a host object that is not there. For what a tenant may write with a list key twice (a pod's
    /// `env`): apply refuses that, a plain create takes it and means what it means in the tenant.
    record CreateOnHost(KindRef<?> kind, HasMetadata wanted) implements Change {}

    /// JSON merge patch of a host object, on condition of its uid. Of a subresource it is a strategic merge patch,
    /// which leaves the list elements alone that others own.
    ///
    /// @param subresource empty for the object itself
    record PatchHost(KindRef<?> kind, HasMetadata current, String subresource, JsonNode patch) implements Change {
        public PatchHost(KindRef<?> kind, HasMetadata current, JsonNode patch) {
            this(kind, current, "", patch);
        }
    }

    /// Deletes a host object, on condition of its uid, once `proof` holds.
    ///
    /// @param graceSeconds null for the object's own
    record DeleteFromHost(
            KindRef<?> kind,
            HasMetadata host,
            Proof proof,
            String reason,
            @Nullable Long graceSeconds) implements Change {

        /// Whether somebody else was told already that it is to go.
        boolean isMarked() {
            var labels = host.getMetadata().getLabels();
            return labels != null && labels.containsKey(InsulaLabels.ENDING);
        }
    }

    /// Server-side apply in the tenant; `subresource` is empty or `status`.
    record ApplyToTenant(KindRef<?> kind, HasMetadata wanted, String subresource) implements Change {}

    /// JSON merge patch in the tenant, on condition of the uid; `subresource` is empty or `status`.
    record PatchTenant(KindRef<?> kind, HasMetadata current, String subresource, JsonNode patch) implements Change {}

    /// POST to the `binding` subresource of a tenant pod.
    record BindInTenant(HasMetadata pod, String node) implements Change {}

    /// Deletes a tenant object at once, on condition of its uid. With `hostGone` the engine first asks the host
    /// whether the host object really is gone.
    record DeleteFromTenant(KindRef<?> kind, HasMetadata tenant, boolean hostGone, String reason) implements Change {}

    /// Asks the tenant's API server to delete an object that is there on the tenant's account alone, in the
    /// object's own grace period and on condition of its uid: by what the tenant says itself, never by what the
    /// host has or lacks.
    record EndInTenant(KindRef<?> kind, HasMetadata tenant, String reason) implements Change {}

    /// Has the tenant's API server issue tokens for a pod, bound to it, and keeps them in a Secret on the host.
    ///
    /// @param pod runs as the service account that the tokens speak for
    /// @param secret the host Secret without data; the tokens and the time of renewal are added
    record IssueTokens(Pod pod, Secret secret, List<TokenWish> tokens) implements Change {
        public IssueTokens {
            tokens = List.copyOf(tokens);
        }
    }

    /// Nothing to write yet: decide again later, when nobody's event would say so.
    record LookAgain(Duration after, String waitingFor) implements Change {}

    /// One token.
    ///
    /// @param key in the Secret
    /// @param audience empty for the API server's own
    /// @param seconds how long it is to be valid
    record TokenWish(String key, String audience, long seconds) {}

    /// What must hold before a host object may be deleted.
    enum Proof {
        /// The tenant's API answers that the object does not exist, or is another one of the same name.
        TENANT_OBJECT_GONE,
        /// The tenant's API answers that the object is being deleted.
        TENANT_OBJECT_TERMINATING,
        /// The tenant's API answers with an object that has no counterpart on the host ([Syncer#needsHost]).
        TENANT_OBJECT_NEEDS_NONE,
        /// No tenant pod and no host workload names the object any more.
        UNREFERENCED
    }
}
