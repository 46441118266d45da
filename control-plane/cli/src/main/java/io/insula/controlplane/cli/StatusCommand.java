package io.insula.controlplane.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.controlplane.home.HomeState;
import io.insula.controlplane.service.ServiceFile;
import io.insula.controlplane.service.ServiceOptions;
import io.insula.process.Survivors;
import io.micronaut.context.annotation.Prototype;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/// `insula status`.
@Prototype
@Command(name = "status", description = "Shows what runs. Ends with 1 where something does not.")
final class StatusCommand implements InsulaCommand, Callable<Integer> {

    @ParentCommand
    private Insula insula = new Insula();

    @Override
    public int order() {
        return 30;
    }

    @Override
    public Integer call() {
        if (isBeginning()) {
            System.out.println("service  starting  its process has begun; the admin API answers in a moment");
            return 1;
        }
        try (var admin = AdminClient.connect(insula.access())) {
            JsonNode status = admin.get("/v1/status");
            boolean allReady = true;
            for (var component : status.path("components").properties()) {
                boolean ready = component.getValue().path("ready").asBoolean();
                allReady &= ready;
                print(
                        component.getKey(),
                        ready ? "ready" : "NOT READY",
                        component.getValue().path("endpoint").asText());
                if (component.getValue().has("warning")) {
                    print("", "WARNING", component.getValue().path("warning").asText());
                }
            }
            JsonNode tenants = status.path("tenants");
            int asleep = tenants.path("asleep").asInt();
            print(
                    "tenants",
                    tenants.path("ready").asInt() + " of "
                            + tenants.path("total").asInt() + " ready"
                            + (asleep == 0 ? "" : ", " + asleep + " asleep"));
            if (isHere()) {
                String options =
                        ServiceOptions.typed(HomeState.open(insula.home()).options());
                print("options", options.isEmpty() ? "all as by default" : options);
            }
            return allReady ? 0 : 1;
        }
    }

    private static void print(String name, String... words) {
        System.out.printf("%-10s %s%n", name, words.length == 1 ? words[0] : "%-9s %s".formatted(words[0], words[1]));
    }

    /// Whether the service is the home's, and not elsewhere.
    private boolean isHere() {
        return insula.access().kubeconfig() == null;
    }

    /// Between the start of the process and the first answer of its admin API.
    private boolean isBeginning() {
        if (!isHere()) {
            return false;
        }
        insula.home().requireOwn();
        return ServiceFile.read(insula.home()).filter(ServiceFile::isRunning).isEmpty()
                && !Survivors.withArgument(ServiceFile.markerOf(insula.home())).isEmpty();
    }
}
