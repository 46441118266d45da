package io.insula.controlplane.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.insula.controlplane.tenant.Tenancy;
import io.insula.controlplane.tenant.TenantBackups;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.tenantapi.api.Json;
import java.util.Optional;
import java.util.function.Predicate;

/// Makes tenants what their backups say: a wish on the `Tenant`, which the control plane fulfils. Immutable.
record RestoreRequests(HostTenants host, TenantBackups backups) {

    /// Sets a tenant back to a backup; one that is gone is made again, with the spec and the keys that it had.
    ///
    /// @param force also where the tenant of this name is another one than was backed up
    ObjectNode inPlace(String name, String backup, boolean force) {
        String uid = backups.find(name, backup).tenantUid();
        Optional<ObjectNode> there = host.find(name);
        if (there.isEmpty()) {
            return create(name, backup, provedResource(name, backup), _ -> true);
        }
        JsonNode metadata = there.get().path("metadata");
        if (metadata.has("deletionTimestamp")) {
            throw AdminException.alreadyExists("tenant \"" + name + "\" is being deleted: restore it once it is gone");
        }
        String now = metadata.path("uid").asText();
        if (!force && !isMadeFor(metadata, backup) && !now.equals(uid)) {
            throw AdminException.invalid("the backup is of another tenant of that name, with the uid " + uid
                    + "; this one's is " + now + " (expected: force, to set this one back to it nevertheless)");
        }
        return host.patch(name, AdminService.annotation(Tenancy.RESTORE, TextNode.valueOf(backup)));
    }

    /// Makes a new tenant of a backup, with the spec and the labels that the other one had and with keys of its own.
    /// The other one may be there or gone; nothing of it is touched.
    ///
    /// @param source whose backup it is
    /// @throws AdminException 409 where there is a tenant of the new name, 422 for a name that cannot be one's
    ObjectNode asNew(String source, String backup, String name) {
        Tenancy.checkName(name).ifPresent(wrong -> {
            throw AdminException.invalid(wrong);
        });
        if (name.equals(source)) {
            throw AdminException.invalid("as: \"" + name + "\" is the tenant of the backup (expected: a new name; none"
                    + " at all, to set this one back)");
        }
        var _ = backups.find(source, backup);
        String wish = source + "/" + backup;
        Optional<ObjectNode> there = host.find(name);
        if (there.isEmpty()) {
            return create(name, wish, provedResource(source, backup), label -> !label.startsWith(InsulaLabels.PREFIX));
        }
        if (isMadeFor(there.get().path("metadata"), wish)) {
            return there.get();
        }
        throw AdminException.alreadyExists("tenant \"" + name + "\" already exists");
    }

    private static boolean isMadeFor(JsonNode metadata, String wish) {
        return metadata.path("annotations").path(Tenancy.RESTORE).asText().equals(wish);
    }

    private ObjectNode provedResource(String source, String backup) {
        backups.verify(source, backup);
        return backups.resource(source, backup);
    }

    private ObjectNode create(String name, String wish, ObjectNode was, Predicate<String> labels) {
        ObjectNode made = Json.object()
                .put("apiVersion", Tenancy.GROUP + "/" + Tenancy.VERSION)
                .put("kind", "Tenant");
        ObjectNode metadata = made.putObject("metadata").put("name", name);
        metadata.putObject("annotations").put(Tenancy.RESTORE, wish);
        ObjectNode kept = metadata.putObject("labels");
        was.path("metadata").path("labels").properties().stream()
                .filter(label -> labels.test(label.getKey()))
                .forEach(label -> kept.set(label.getKey(), label.getValue()));
        ObjectNode spec = was.path("spec").deepCopy();
        // Who may log in is a superuser's to say, and may have changed since.
        spec.remove(TenantAccess.FIELD);
        made.set("spec", spec);
        return host.create(made)
                .orElseThrow(() -> AdminException.alreadyExists("tenant \"" + name + "\" was made meanwhile"));
    }
}
