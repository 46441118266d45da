package io.insula.syncer.engine;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.insula.syncer.engine.Api.ApiFailure;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Tells a tenant, once each, why the host has not what it wanted. Thread-safe.
final class HostRefusals {

    /// Failures, of some seconds together, after which what is no refusal is told too.
    private static final int PATIENCE = 5;

    private final Writer writer;
    private final InstantSource clock;
    /// What a tenant was told of an object, until the object is synced.
    private final Map<SyncKey, String> told = new ConcurrentHashMap<>();

    HostRefusals(Writer writer, InstantSource clock) {
        this.writer = writer;
        this.clock = clock;
    }

    /// The object is synced: what is refused later is told anew.
    void forget(SyncKey key) {
        told.remove(key);
    }

    void forget(TenantId tenant) {
        told.keySet().removeIf(key -> key.tenant().equals(tenant));
    }

    /// A change failed.
    ///
    /// @param failures how often in a row before
    void failed(Change change, AttachedTenant tenant, SyncKey key, ApiFailure failure, int failures) {
        if (isTold(change, failure, failures)) {
            tell(tenant, key, change instanceof Change.IssueTokens ? "FailedTokenRequest" : "HostRefused", failure);
        }
    }

    /// Refusals at once; whatever else keeps failing after a while, as nobody else would say so.
    private static boolean isTold(Change change, ApiFailure failure, int failures) {
        boolean makes = change instanceof Change.ApplyToHost
                || change instanceof Change.CreateOnHost
                || change instanceof Change.IssueTokens;
        if (failure.isOutage() || isNamespaceAway(failure)) {
            return false;
        }
        boolean refused = failure.isRefusal() || (makes && failure.code() == 404);
        return (makes || change instanceof Change.PatchHost) && (refused || failures >= PATIENCE);
    }

    /// It is being made anew, and what was in it comes back: nothing that the tenant could mend.
    private static boolean isNamespaceAway(ApiFailure failure) {
        var message = String.valueOf(failure.getMessage());
        return (failure.code() == 403 && message.contains("being terminated"))
                || (failure.code() == 404 && message.contains("namespaces \""));
    }

    private void tell(AttachedTenant tenant, SyncKey key, String reason, ApiFailure failure) {
        tenant.syncers().find(key.syncer()).ifPresent(syncer -> tell(syncer, tenant, key, reason, failure));
    }

    private <T extends HasMetadata> void tell(
            Syncer<T> syncer, AttachedTenant tenant, SyncKey key, String reason, ApiFailure failure) {
        var own = tenant.tenantObject(syncer.spec().kind(), key.namespace(), key.name());
        if (own.isEmpty()) {
            return;
        }
        var message = words(syncer, own.get(), tenant).translate(String.valueOf(failure.getMessage()));
        if (message.equals(told.put(key, message))) {
            return;
        }
        var now = clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
        try {
            syncer.refused(own.get(), reason, message, now).forEach(change -> writer.carryOut(change, tenant, key));
        } catch (ApiFailure e) {
            told.remove(key);
            failure.addSuppressed(e);
        }
    }

    private static <T extends HasMetadata> HostWords words(
            Syncer<T> syncer, HasMetadata object, AttachedTenant tenant) {
        var spec = syncer.spec();
        var kinds = tenant.syncers().all().stream()
                .flatMap(each -> each.spec().hostKinds().stream())
                .distinct()
                .toList();
        var references = syncer.references(spec.kind().type().cast(object), tenant);
        return HostWords.about(object, spec.name(), references, kinds, Map.of(), tenant);
    }
}
