package io.insula.controlplane.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.controlplane.tenant.Tenancy;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.view.Condition;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `insula tenant restore`.
@Command(
        name = "restore",
        description = {
            "Sets a tenant back to a backup. Its keys and kubeconfigs stay as they are.",
            "The backup is proved first; one that is no good changes nothing.",
            "A tenant that was deleted is made again, with the keys it had: what was revoked after the backup is good"
                    + " again.",
            "What the host has of it that came after the backup is kept, until `insula tenant release NAME`.",
            "Volumes are not set back. Clients that watch should be started anew.",
            "",
            "With --as the backup becomes a new tenant, and NAME stays as it is, there or gone. The new one has"
                    + " certificates and keys of its own: no kubeconfig and no token of NAME opens it. Its pods start"
                    + " anew, its Services get new addresses, its claims get new volumes, which are empty."
        })
final class TenantRestoreCommand implements Callable<Integer> {

    private static final Duration WITHIN = Duration.ofMinutes(10);
    private static final Duration LOOK = Duration.ofMillis(200);

    @Spec
    private @Nullable CommandSpec spec;

    @Parameters(index = "0", paramLabel = "NAME")
    private String name = "";

    @Parameters(index = "1", paramLabel = "BACKUP", arity = "0..1", description = "Its ID (default: the newest).")
    private @Nullable String backup;

    @Option(names = "--force", description = "Also where the tenant of this name is another one than was backed up.")
    private boolean force;

    @Option(names = "--as", paramLabel = "NEW", description = "Makes a new tenant of the backup instead.")
    private @Nullable String as;

    @Override
    public Integer call() {
        TenantArgument.require(spec, name);
        if (as != null) {
            TenantArgument.require(spec, as);
        }
        try (var admin = AdminClient.connect(TenantArgument.access(spec))) {
            String id = backup == null ? TenantBackupCommand.newest(admin, name) : backup;
            ObjectNode request = Json.object().put("backup", id);
            if (force) {
                request.put("force", true);
            }
            if (as != null) {
                return makeNew(admin, as, request.put("as", as), id);
            }
            System.err.println("proving backup " + id + ", and setting tenant " + name + " back to it ...");
            admin.patient().post("/v1/tenants/" + name + "/restore", request);
            JsonNode restored = awaitRestored(admin, name, Tenancy.RESTORED, id);
            var ready = Condition.of(restored, "Ready");
            System.out.println("tenant " + name + " is set back to " + id + ", and "
                    + (ready.isTrue() ? "ready" : "not ready: " + ready.message()));
            System.out.println("what the host has of it that came later is kept until `"
                    + TenantArgument.home(spec).command("tenant release " + name) + "`");
        }
        return 0;
    }

    private int makeNew(AdminClient admin, String made, ObjectNode request, String id) {
        System.err.println("proving backup " + id + ", and making tenant " + made + " of it ...");
        admin.patient().post("/v1/tenants/" + name + "/restore", request);
        var ready = Condition.of(awaitRestored(admin, made, Tenancy.COPIED_FROM, name + "/" + id), "Ready");
        System.out.println("tenant " + made + " is made of " + id + " of tenant " + name + ", and "
                + (ready.isTrue() ? "ready" : "not ready: " + ready.message()));
        System.out.println("its certificates and keys are its own: `"
                + TenantArgument.home(spec).command("tenant kubeconfig " + made)
                + "`; its volumes are new and empty");
        return 0;
    }

    /// @param mark the annotation that says of which backup a tenant is, once it is
    private JsonNode awaitRestored(AdminClient admin, String of, String mark, String id) {
        var waiting = Waiting.upTo(WITHIN, LOOK);
        while (true) {
            JsonNode tenant = admin.get("/v1/tenants/" + of);
            JsonNode annotations = tenant.path("metadata").path("annotations");
            var restored = Condition.of(tenant, "Restored");
            var ready = Condition.of(tenant, "Ready");
            if (!annotations.has(Tenancy.RESTORE)) {
                boolean isDone = annotations.path(mark).asText().equals(id);
                if (!isDone && restored.isFalse() && restored.message().contains(id)) {
                    throw new CommandException("tenant \"" + of + "\" was not set back: " + restored.message());
                }
                if (isDone
                        && (ready.isTrue()
                                || ready.reason().endsWith("Held")
                                || ready.reason().equals("Asleep"))) {
                    return tenant;
                }
            }
            if (ready.reason().equals("RestoreFailed")) {
                throw new CommandException("tenant \"" + of + "\" is made for the backup, and waits: " + ready.message()
                        + "; it goes on trying");
            }
            waiting.pauseOr(() -> "tenant \"" + of + "\" is not restored yet after " + WITHIN.toMinutes()
                    + " minutes; it goes on, `insula tenant get " + of + "` shows how it stands");
        }
    }
}
