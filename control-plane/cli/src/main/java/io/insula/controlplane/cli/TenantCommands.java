package io.insula.controlplane.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.controlplane.tenant.RotatedKeys;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.view.Condition;
import io.micronaut.context.annotation.Prototype;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/// `insula tenant`.
@Prototype
@Command(
        name = "tenant",
        description = "Tenants: clusters of their own.",
        subcommands = {
            TenantKubeconfigCommand.class,
            TenantBackupCommand.class,
            TenantRestoreCommand.class,
            TenantRotateCommand.class,
            TenantSyncCommand.class,
            TenantAccessCommand.class
        })
final class TenantCommands implements InsulaCommand {

    private static final Duration GONE_WITHIN = Duration.ofMinutes(2);
    private static final Duration LOOK_WHETHER_GONE = Duration.ofMillis(200);

    enum Format {
        text,
        json,
        yaml
    }

    @ParentCommand
    private Insula insula = new Insula();

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public int order() {
        return 50;
    }

    @Command(name = "create", description = "Creates a tenant and waits until it is ready.")
    int create(
            @Parameters(paramLabel = "NAME", description = "Lower-case letters, digits, '-'; at most 40 characters.")
                    String name,
            @Option(
                            names = "--profile",
                            paramLabel = "P",
                            defaultValue = "runc",
                            description = "The isolation profile (default: runc); see `insula profile list`.")
                    String profile,
            @Option(names = "--no-wait", description = "Does not wait until it is ready.") boolean noWait) {
        TenantArgument.require(spec, name);
        try (var admin = AdminClient.connect(insula.access())) {
            Instant begin = Instant.now();
            admin.post("/v1/tenants", Json.object().put("name", name).put("profile", profile));
            if (noWait) {
                System.out.println("tenant " + name + " created; it becomes ready by itself");
                return 0;
            }
            TenantRequests.awaitReady(admin, name);
            System.out.printf(
                    "tenant %s is ready (%.1f s)%n",
                    name, Duration.between(begin, Instant.now()).toMillis() / 1000.0);
        }
        return 0;
    }

    @Command(name = "list", description = "Lists all tenants.")
    int list() {
        try (var admin = AdminClient.connect(insula.access())) {
            var rows = new ArrayList<List<String>>();
            admin.items("/v1/tenants", "").forEach(t -> rows.add(row(t)));
            TextTable.print(List.of("NAME", "PROFILE", "READY", "ENDPOINT", "MESSAGE"), rows);
        }
        return 0;
    }

    @Command(name = "get", description = "Shows one tenant.")
    int get(
            @Parameters(paramLabel = "NAME") String name,
            @Option(
                            names = {"-o", "--output"},
                            paramLabel = "FORMAT",
                            defaultValue = "text",
                            description = "text, json or yaml (default: text).")
                    Format format)
            throws JsonProcessingException {
        TenantArgument.require(spec, name);
        try (var admin = AdminClient.connect(insula.access())) {
            JsonNode tenant = admin.get("/v1/tenants/" + name);
            switch (format) {
                case json -> System.out.println(tenant.toPrettyString());
                case yaml -> System.out.print(Serialization.asYaml(Json.MAPPER.treeToValue(tenant, Object.class)));
                case text -> {
                    TextTable.print(List.of("NAME", "PROFILE", "READY", "ENDPOINT", "MESSAGE"), List.of(row(tenant)));
                    rotations(tenant).forEach(each -> System.out.println("being replaced: " + each.message()));
                }
            }
        }
        return 0;
    }

    @Command(name = "delete", description = "Deletes a tenant with everything in it, and waits until it is gone.")
    int delete(
            @Parameters(paramLabel = "NAME") String name,
            @Option(names = "--no-wait", description = "Does not wait until it is gone.") boolean noWait) {
        TenantArgument.require(spec, name);
        try (var admin = AdminClient.connect(insula.access())) {
            admin.delete("/v1/tenants/" + name);
            var waiting = Waiting.upTo(GONE_WITHIN, LOOK_WHETHER_GONE);
            while (!noWait && admin.find("/v1/tenants/" + name).isPresent()) {
                waiting.pauseOr(() -> "tenant \"" + name + "\" is still being deleted after " + GONE_WITHIN.toSeconds()
                        + " s; `insula tenant get " + name + " -o yaml` shows why");
            }
            System.out.println("tenant " + name + (noWait ? " is being deleted" : " is gone"));
        }
        return 0;
    }

    @Command(
            name = "sleep",
            description = {
                "Ends the tenant's API server, controllers and etcd; its data and its pods stay.",
                "The first request at its endpoint wakes it and is answered as if it had never slept."
            })
    int sleep(
            @Parameters(paramLabel = "NAME") String name,
            @Option(
                            names = "--after",
                            paramLabel = "TIME",
                            description = "Not now, but whenever nobody has used it for so long: 30m, 1h30m; or never.")
                    @Nullable
                    String after) {
        TenantArgument.require(spec, name);
        try (var admin = AdminClient.connect(insula.access())) {
            if (after != null) {
                boolean never = after.equals("never");
                admin.patch("/v1/tenants/" + name, Json.object().put("sleepAfter", never ? "" : after));
                System.out.println("tenant " + name
                        + (never ? " never sleeps by itself" : " sleeps whenever nobody has used it for " + after));
                return 0;
            }
            admin.post("/v1/tenants/" + name + "/sleep", Json.object());
            System.out.println("tenant " + name
                    + (TenantRequests.awaitAsleep(admin, name) ? " sleeps" : " was woken by a request"));
        }
        return 0;
    }

    @Command(
            name = "suspend",
            description = {
                "Makes a tenant read-only, whoever asks: its administrators and its own system:masters included.",
                "Its API server answers reads and watches, and refuses everything else with 403: writes, dry runs, new"
                        + " tokens, exec, attach, port-forward and proxy.",
                "Its pods go on, and so do Insula's controllers and the syncer. Controllers of the tenant's own stand"
                        + " still, as they cannot write.",
                "It stays so over restarts, sleep and restores, until `insula tenant resume NAME`."
            })
    int suspend(@Parameters(paramLabel = "NAME") String name) {
        return suspend(name, true, "is suspended: it can be read, and its pods go on");
    }

    @Command(name = "resume", description = "Lets a suspended tenant be written again.")
    int resume(@Parameters(paramLabel = "NAME") String name) {
        return suspend(name, false, "can be written again");
    }

    private int suspend(String name, boolean on, String done) {
        TenantArgument.require(spec, name);
        try (var admin = AdminClient.connect(insula.access())) {
            TenantRequests.suspend(admin, name, on);
            System.out.println("tenant " + name + " " + done);
        }
        return 0;
    }

    @Command(name = "protect", description = "Keeps a tenant from being deleted, by whoever and whichever way.")
    int protect(
            @Parameters(paramLabel = "NAME") String name,
            @Option(names = "--off", description = "Lifts that.") boolean off) {
        TenantArgument.require(spec, name);
        try (var admin = AdminClient.connect(insula.access())) {
            admin.patch("/v1/tenants/" + name, Json.object().put("deletionProtection", !off));
            System.out.println("tenant " + name + (off ? " can be deleted" : " is protected from deletion"));
        }
        return 0;
    }

    @Command(
            name = "release",
            description = {
                "Lets what is held back of a tenant be deleted, on the host or in the tenant, after a person has looked:",
                "what came after the backup that it was set back to, or what vanished in bulk."
            })
    int release(@Parameters(paramLabel = "NAME") String name) {
        TenantArgument.require(spec, name);
        try (var admin = AdminClient.connect(insula.access())) {
            admin.post("/v1/tenants/" + name + "/release", Json.object());
            System.out.println("what is held back of tenant " + name + " may be deleted");
        }
        return 0;
    }

    @Command(name = "wake", description = "Wakes a tenant that sleeps, and waits until it is ready.")
    int wake(@Parameters(paramLabel = "NAME") String name) {
        TenantArgument.require(spec, name);
        try (var admin = AdminClient.connect(insula.access())) {
            admin.post("/v1/tenants/" + name + "/wake", Json.object());
            TenantRequests.awaitReady(admin, name);
            System.out.println("tenant " + name + " is ready");
        }
        return 0;
    }

    /// By its name, where it is reached so.
    private static String endpoint(JsonNode status) {
        return status.path("frontDoor").asText(status.path("endpoint").asText("-"));
    }

    /// Of keys that are being replaced.
    private static List<Condition> rotations(JsonNode tenant) {
        return Stream.of(RotatedKeys.values())
                .map(each -> Condition.of(tenant, each.condition()))
                .filter(Condition::isTrue)
                .toList();
    }

    private static List<String> row(JsonNode tenant) {
        var ready = Condition.of(tenant, "Ready");
        boolean leaving = tenant.path("metadata").hasNonNull("deletionTimestamp");
        return List.of(
                tenant.path("metadata").path("name").asText(),
                tenant.path("spec").path("isolationProfile").asText("runc"),
                leaving
                        ? "Deleting"
                        : ready.reason().equals("Asleep")
                                ? "Asleep"
                                : ready.exists() ? ready.status() : Condition.UNKNOWN,
                endpoint(tenant.path("status")),
                ready.isTrue() ? remark(tenant, ready) : ready.message());
    }

    private static String remark(JsonNode tenant, Condition ready) {
        if (Condition.of(tenant, "Suspended").isTrue()) {
            return "suspended: read-only";
        }
        return rotations(tenant).isEmpty() ? ready.message() : "keys are being replaced";
    }
}
