package io.insula.controlplane.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.controlplane.home.AtomicFiles;
import io.insula.controlplane.home.Home;
import io.insula.controlplane.service.ServiceOptions;
import io.insula.controlplane.tenant.Tenancy;
import io.insula.tenantapi.api.Json;
import io.micronaut.context.annotation.Prototype;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/// `insula demo`: two tenants, two sandboxes, one host; may be run again. What it runs on says [DemoNodes].
@Prototype
@Command(name = "demo", description = "Creates two tenants, runs an app in each, shows where its pods really run.")
final class DemoCommand implements InsulaCommand, Callable<Integer> {

    private static final Duration AUDIT_WITHIN = Duration.ofMinutes(1);
    private static final Duration LOOK = Duration.ofMillis(500);
    private static final int EVENTS_SHOWN = 6;
    private static final List<String> HEADER =
            List.of("TENANT", "POD (AS THE TENANT SEES IT)", "HOST POD", "NODE", "RUNTIME CLASS", "PHASE", "KERNEL");

    private static final String APP = """
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: greeting}
            data: {text: hello}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: web}
            spec:
              selector: {app: web}
              ports: [{port: 80, targetPort: 8080}]
            ---
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web}
            spec:
              replicas: 2
              selector: {matchLabels: {app: web}}
              template:
                metadata: {labels: {app: web}}
                spec:
                  containers:
                  - name: web
                    image: IMAGE
                    ports: [{containerPort: 8080}]
                    envFrom: [{configMapRef: {name: greeting}}]
                    resources: {requests: {cpu: 100m, memory: 32Mi}}
            """;

    @ParentCommand
    private Insula insula = new Insula();

    @Override
    public int order() {
        return 40;
    }

    @Override
    public Integer call() {
        Home home = insula.home();
        new ServiceStarter(home, new ServiceOptions()).startInBackground(Duration.ZERO, System.out::println);
        Kubectl kubectl = Kubectl.find(home);
        Path folder = AtomicFiles.folder(home.cache().resolve("demo"));
        try (var admin = AdminClient.connect(home);
                var nodes = DemoNodes.of(admin, home)) {
            nodes.prepare(folder).forEach(System.out::println);
            var rows = new ArrayList<List<String>>();
            Path host = folder.resolve("host.kubeconfig");
            AtomicFiles.write(host, KubeconfigOptions.text(admin.post("/v1/host/kubeconfig", Json.object())));
            for (var tenant : nodes.profiles().entrySet()) {
                String app = APP.replace("IMAGE", nodes.image());
                Path kubeconfig = deploy(admin, kubectl, folder, tenant.getKey(), tenant.getValue(), app);
                rows.addAll(pods(kubectl, kubeconfig, host, tenant.getKey(), nodes));
            }
            System.out.println();
            TextTable.print(HEADER, rows);
            nodes.missing().forEach(System.out::println);
            System.out.println();
            nodes.profiles().keySet().forEach(tenant -> showEvents(admin, tenant));
        }
        Training.begin(home);
        return 0;
    }

    private static Path deploy(
            AdminClient admin, Kubectl kubectl, Path folder, String tenant, String profile, String app) {
        Instant begin = Instant.now();
        if (admin.find("/v1/tenants/" + tenant).isEmpty()) {
            admin.post("/v1/tenants", Json.object().put("name", tenant).put("profile", profile));
        }
        TenantRequests.awaitReady(admin, tenant);
        say(begin, "tenant " + tenant + " (" + profile + ") is ready");
        Path kubeconfig = folder.resolve(tenant + ".kubeconfig");
        AtomicFiles.write(
                kubeconfig, TenantRequests.kubeconfig(admin, tenant, KubeconfigOptions.administrator("demo")));
        begin = Instant.now();
        kubectl.run(kubeconfig, app, "apply", "-f", "-");
        kubectl.run(kubeconfig, "", "rollout", "status", "deployment/web", "--timeout=120s");
        say(begin, "deployment web of " + tenant + " runs");
        return kubeconfig;
    }

    private static List<List<String>> pods(
            Kubectl kubectl, Path tenantConfig, Path hostConfig, String tenant, DemoNodes nodes) {
        JsonNode hostPods = kubectl.json(hostConfig, "get", "pods", "-n", Tenancy.hostNamespace(tenant), "-o", "json");
        var rows = new ArrayList<List<String>>();
        for (JsonNode pod : kubectl.json(tenantConfig, "get", "pods", "-l", "app=web", "-o", "json")
                .path("items")) {
            JsonNode host = hostOf(pod, hostPods);
            rows.add(List.of(
                    tenant,
                    pod.path("metadata").path("namespace").asText() + "/"
                            + pod.path("metadata").path("name").asText(),
                    host.path("metadata").path("name").asText("-"),
                    host.path("spec").path("nodeName").asText("-"),
                    host.path("spec").path("runtimeClassName").asText("(node's own)"),
                    pod.path("status").path("phase").asText(),
                    nodes.kernel(host)));
        }
        return rows;
    }

    /// The host pod that carries the tenant pod's UID.
    private static JsonNode hostOf(JsonNode pod, JsonNode hostPods) {
        String uid = pod.path("metadata").path("uid").asText();
        for (JsonNode host : hostPods.path("items")) {
            for (JsonNode value : host.path("metadata").path("annotations")) {
                if (value.asText().equals(uid)) {
                    return host;
                }
            }
        }
        return Json.object();
    }

    private void showEvents(AdminClient admin, String tenant) {
        var waiting = Waiting.upTo(AUDIT_WITHIN, LOOK);
        while (true) {
            var mine = new ArrayList<JsonNode>();
            AuditCommands.newest(admin, tenant).forEach(event -> {
                if (event.path("user").path("username").asText().equals("demo")) {
                    mine.add(event);
                }
            });
            if (!mine.isEmpty()) {
                System.out.println("Audit events of " + tenant + ", read back from Kafka (the last of " + mine.size()
                        + " by user demo):");
                mine.subList(Math.max(0, mine.size() - EVENTS_SHOWN), mine.size())
                        .forEach(event -> AuditCommands.print(event, AuditCommands.Format.text));
                return;
            }
            waiting.pauseOr(() -> "no audit event of " + tenant + " has reached Kafka after "
                    + AUDIT_WITHIN.toSeconds() + " s; `" + insula.home().command("status")
                    + "` shows whether Kafka runs");
        }
    }

    private static void say(Instant begin, String what) {
        double seconds = Duration.between(begin, Instant.now()).toMillis() / 1000.0;
        System.out.printf("%-44s %6.1f s%n", what, seconds);
    }
}
