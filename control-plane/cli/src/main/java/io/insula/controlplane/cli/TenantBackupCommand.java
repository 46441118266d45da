package io.insula.controlplane.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `insula tenant backup`.
@Command(
        name = "backup",
        description = {
            "Backs a tenant up now: its etcd, its keys, what is known of its kubeconfigs, and its Tenant object.",
            "It holds all of its Secrets and private keys, sealed with a key of the superuser's.",
            "What its pods have written to volumes is not in it.",
            "Of a tenant that is called list, verify, delete or schedule: insula tenant backup -- NAME."
        })
final class TenantBackupCommand implements Callable<Integer> {

    @Spec
    private @Nullable CommandSpec spec;

    @Parameters(paramLabel = "NAME", arity = "0..1")
    private @Nullable String name;

    @Override
    public Integer call() {
        String of = TenantArgument.require(spec, name);
        try (var admin = AdminClient.connect(TenantArgument.access(spec))) {
            System.err.println("backing tenant " + of + " up ...");
            JsonNode taken = admin.patient().post(path(of, ""), Json.object());
            JsonNode all = admin.get(path(of, ""));
            System.out.println("backup " + taken.path("id").asText() + " of tenant " + of + ": "
                    + taken.path("bytes").asText() + " bytes in "
                    + all.path("folder").asText());
            System.out.println("its key is in " + all.path("keyFile").asText()
                    + ": keep a copy of that file elsewhere, without it no backup can be read");
        }
        return 0;
    }

    @Command(name = "list", description = "Lists the tenant's backups, the newest first; also of one that is gone.")
    int list(@Parameters(paramLabel = "NAME") String of) {
        TenantArgument.require(spec, of);
        try (var admin = AdminClient.connect(TenantArgument.access(spec))) {
            print(admin.get(path(of, "")).path("items"));
        }
        return 0;
    }

    @Command(
            name = "verify",
            description = "Proves that a backup is good: restores it into an etcd of its own, and compares.")
    int verify(
            @Parameters(index = "0", paramLabel = "NAME") String of,
            @Parameters(
                            index = "1",
                            paramLabel = "BACKUP",
                            arity = "0..1",
                            description = "Its ID (default: the newest).")
                    @Nullable
                    String backup) {
        TenantArgument.require(spec, of);
        try (var admin = AdminClient.connect(TenantArgument.access(spec))) {
            String id = backup == null ? newest(admin, of) : backup;
            System.err.println("restoring backup " + id + " into an etcd of its own ...");
            admin.patient().post(path(of, "/verify"), which(id));
            System.out.println("backup " + id + " of tenant " + of + " is intact");
        }
        return 0;
    }

    @Command(name = "delete", description = "Deletes a backup.")
    int delete(
            @Parameters(index = "0", paramLabel = "NAME") String of,
            @Parameters(index = "1", paramLabel = "BACKUP") String backup) {
        TenantArgument.require(spec, of);
        try (var admin = AdminClient.connect(TenantArgument.access(spec))) {
            admin.post(path(of, "/delete"), which(backup));
            System.out.println("backup " + backup + " of tenant " + of + " is gone");
        }
        return 0;
    }

    @Command(
            name = "schedule",
            description = {
                "Has the tenant backed up again and again, and keeps the newest of these backups.",
                "Those that somebody has asked for stay until they are deleted."
            })
    int schedule(
            @Parameters(paramLabel = "NAME") String of,
            @Option(
                            names = "--every",
                            paramLabel = "TIME",
                            required = true,
                            description = "How long after a backup the next one is taken: 24h, 1h30m; or never.")
                    String every,
            @Option(names = "--keep", paramLabel = "N", description = "How many of them stay (default: 7).") @Nullable
                    Integer keep) {
        TenantArgument.require(spec, of);
        boolean never = every.equals("never");
        ObjectNode change = Json.object().put("backupEvery", never ? "" : every);
        if (keep != null) {
            change.put("backupKeep", keep);
        }
        try (var admin = AdminClient.connect(TenantArgument.access(spec))) {
            admin.patch("/v1/tenants/" + of, change);
            System.out.println(
                    "tenant " + of + (never ? " is backed up only when asked for" : " is backed up every " + every));
        }
        return 0;
    }

    static String newest(AdminClient admin, String of) {
        JsonNode newest = admin.get(path(of, "")).path("items").path(0);
        if (newest.isMissingNode()) {
            throw new CommandException("tenant \"" + of + "\" has no backup");
        }
        return newest.path("id").asText();
    }

    private static void print(JsonNode items) {
        var rows = new ArrayList<List<String>>();
        items.forEach(each -> rows.add(row(each)));
        TextTable.print(List.of("BACKUP", "TAKEN", "BY", "REVISION", "BYTES", "VERIFIED", "KEY"), rows);
    }

    private static List<String> row(JsonNode backup) {
        JsonNode proof = backup.path("verification");
        boolean unreadable = backup.path("unreadable").asBoolean();
        return List.of(
                backup.path("id").asText(),
                backup.path("taken").asText("-"),
                unreadable ? "-" : backup.path("scheduled").asBoolean() ? "schedule" : "request",
                backup.path("store").path("revision").asText("-"),
                backup.path("bytes").asText("-"),
                unreadable
                        ? "Unreadable"
                        : proof.isMissingNode()
                                ? "-"
                                : proof.path("state").asText() + " "
                                        + proof.path("time").asText(),
                backup.path("key").asText("-"));
    }

    static String path(String tenant, String what) {
        return "/v1/tenants/" + tenant + "/backups" + what;
    }

    private static ObjectNode which(String backup) {
        return Json.object().put("backup", backup);
    }
}
