package io.insula.controlplane.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.controlplane.admin.Route.AuditObject;
import io.insula.controlplane.backup.BackupException;
import io.insula.controlplane.backup.BackupManifest;
import io.insula.controlplane.backup.BackupPlace.Kept;
import io.insula.controlplane.tenant.Tenancy;
import io.insula.controlplane.tenant.TenantBackups;
import io.insula.tenantapi.api.Json;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/// The routes of tenants' backups, also of tenants that are gone. Immutable.
final class BackupRoutes {

    private static final String BACKUP = "backup";
    private static final String FORCE = "force";
    private static final String AS = "as";
    private static final AuditObject BACKUPS = AdminRoutes.subresource("backups");

    private final Supplier<AdminService> service;

    /// @param service throws 503 while there is none
    BackupRoutes(Supplier<AdminService> service) {
        this.service = service;
    }

    List<Route> all() {
        String path = "/v1/tenants/{name}/backups";
        return List.of(
                Route.post(
                        "/v1/tenants/{name}/restore",
                        "restoreTenant",
                        AdminRoutes.subresource("restore"),
                        Set.of(BACKUP, FORCE, AS),
                        this::restore),
                Route.post(
                        "/v1/tenants/{name}/release",
                        "releaseTenantDeletes",
                        AdminRoutes.subresource("release"),
                        Set.of(),
                        this::release),
                Route.get(path, "listTenantBackups", BACKUPS, this::list),
                Route.post(path, "backUpTenant", BACKUPS, Set.of(), this::take),
                Route.post(path + "/verify", "verifyTenantBackup", BACKUPS, Set.of(BACKUP), this::verify),
                Route.post(path + "/delete", "deleteTenantBackup", BACKUPS, Set.of(BACKUP), this::delete));
    }

    private AdminAnswer restore(AdminCall call) {
        String id = id(call);
        boolean force = call.body().flag(FORCE).orElse(false);
        Optional<String> as = newName(call);
        if (as.isPresent() && call.body().has(FORCE)) {
            throw AdminException.badRequest("force: a new tenant takes nobody's place (expected: either as or force)");
        }
        var _ = requireKnown(call);
        RestoreRequests restores = service.get().restores();
        return told(() -> AdminAnswer.accepted(
                as.isPresent() ? restores.asNew(call.name(), id, as.get()) : restores.inPlace(call.name(), id, force)));
    }

    private AdminAnswer release(AdminCall call) {
        var _ = service.get().getTenant(call.name());
        call.concerns(call.name());
        return AdminAnswer.accepted(service.get().releaseDeletes(call.name()));
    }

    private AdminAnswer list(AdminCall call) {
        return AdminAnswer.ok(list(call.name(), requireKnown(call)));
    }

    private AdminAnswer take(AdminCall call) {
        var _ = service.get().getTenant(call.name());
        call.concerns(call.name());
        return told(() -> {
            try {
                BackupManifest taken = service.get().backups().take(call.name());
                call.annotate(BACKUP, taken.id());
                return AdminAnswer.created(taken.tree());
            } catch (IllegalStateException e) {
                throw AdminException.notReady(String.valueOf(e.getMessage()));
            }
        });
    }

    private AdminAnswer verify(AdminCall call) {
        String id = id(call);
        TenantBackups backups = requireKnown(call);
        return told(() -> {
            backups.verify(call.name(), id);
            return AdminAnswer.ok(one(call.name(), id, backups));
        });
    }

    private AdminAnswer delete(AdminCall call) {
        String id = id(call);
        TenantBackups backups = requireKnown(call);
        return told(() -> {
            backups.delete(call.name(), id);
            return AdminAnswer.ok(list(call.name(), backups));
        });
    }

    private static Optional<String> newName(AdminCall call) {
        Optional<String> as = call.body().text(AS);
        as.ifPresent(name -> call.annotate("restored-as", name.substring(0, Math.min(name.length(), 64))));
        return as;
    }

    private static String id(AdminCall call) {
        String id = call.body().requireText(BACKUP);
        call.annotate(BACKUP, id.substring(0, Math.min(id.length(), 64)));
        if (!BackupManifest.isId(id)) {
            throw AdminException.badRequest("backup: \"" + id + "\" (expected: one such as 20260131T120000Z-1a2b)");
        }
        return id;
    }

    /// @throws AdminException 404 where there is neither such a tenant nor a backup of one
    private TenantBackups requireKnown(AdminCall call) {
        String name = call.name();
        TenantBackups backups = service.get().backups();
        if (service.get().find(name).isPresent()) {
            call.concerns(name);
        } else if (Tenancy.checkName(name).isPresent() || backups.list(name).isEmpty()) {
            throw AdminException.notFound("tenant \"" + name + "\" not found, and there is no backup of one");
        }
        return backups;
    }

    private static AdminAnswer told(Supplier<AdminAnswer> work) {
        try {
            return work.get();
        } catch (BackupException e) {
            String why = String.valueOf(e.getMessage());
            throw switch (e.kind()) {
                case NOT_FOUND -> AdminException.notFound(why);
                case DAMAGED -> AdminException.invalid(why);
                case FAILED -> AdminException.notReady(why);
            };
        }
    }

    private static ObjectNode one(String tenant, String id, TenantBackups backups) {
        return backups.list(tenant).stream()
                .filter(kept -> kept.id().equals(id))
                .findFirst()
                .map(BackupRoutes::tree)
                .orElseThrow(() -> AdminException.notFound("the backup \"" + id + "\" was removed meanwhile"));
    }

    private static ObjectNode list(String tenant, TenantBackups backups) {
        ObjectNode answer = Json.object();
        var items = answer.putArray("items");
        backups.list(tenant).forEach(kept -> items.add(tree(kept)));
        return answer.put("folder", backups.place())
                .put("keyFile", backups.keyFile().toString());
    }

    private static ObjectNode tree(Kept kept) {
        ObjectNode tree = kept.manifest()
                .map(BackupManifest::tree)
                .orElseGet(() -> Json.object().put("id", kept.id()).put("unreadable", true));
        kept.proof().ifPresent(proof -> tree.set("verification", proof));
        return tree;
    }
}
