package io.insula.controlplane.service;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.controlplane.home.AtomicFiles;
import io.insula.controlplane.home.Home;
import io.insula.controlplane.home.HomeException;
import io.insula.process.Survivors;
import io.insula.tenantapi.api.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.util.Optional;

/// Says that a service runs and where; `service.json` in the home folder, present as soon as the admin API answers.
///
/// @param marker the argument by which its process is known; empty where it runs inside another program
/// @param endpoint `https://host:port` of the admin API for commands on this machine
/// @param publicEndpoint the same for everybody
/// @param ready whether the start is over; until then the admin API says what it waits for
public record ServiceFile(long pid, String marker, String endpoint, String publicEndpoint, boolean ready) {

    /// The argument that the service's JVM has.
    public static String markerOf(Home home) {
        return "-Dinsula.home=" + home.root();
    }

    public static Optional<ServiceFile> read(Home home) {
        try {
            JsonNode tree = Json.MAPPER.readTree(Files.readAllBytes(home.serviceFile()));
            return Optional.of(new ServiceFile(
                    tree.path("pid").asLong(),
                    tree.path("marker").asText(),
                    tree.path("endpoint").asText(),
                    tree.path("publicEndpoint").asText(),
                    tree.path("ready").asBoolean()));
        } catch (NoSuchFileException e) {
            // a service that ends, or one that finds what another left, takes it away at any time
            return Optional.empty();
        } catch (IOException e) {
            throw new HomeException(
                    "the home folder is damaged: " + home.serviceFile() + ": " + e.getMessage()
                            + "; remove that file and type `" + home.command("up") + "`",
                    e);
        }
    }

    void write(Home home) {
        var tree = Json.object()
                .put("pid", pid)
                .put("marker", marker)
                .put("endpoint", endpoint)
                .put("publicEndpoint", publicEndpoint)
                .put("ready", ready);
        AtomicFiles.write(home.serviceFile(), tree + "\n");
    }

    /// Whether that very process still lives.
    public boolean isRunning() {
        if (marker.isEmpty()) {
            return ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isPresent();
        }
        return Survivors.withArgument(marker).stream().anyMatch(s -> s.handle().pid() == pid);
    }
}
