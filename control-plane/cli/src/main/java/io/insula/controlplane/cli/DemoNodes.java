package io.insula.controlplane.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.controlplane.home.AtomicFiles;
import io.insula.controlplane.home.Home;
import io.insula.node.containerd.ContainerdAccess;
import io.insula.node.containerd.NodeException;
import io.insula.node.image.ImageSpec;
import io.insula.node.local.LocalNode;
import io.insula.tenantapi.view.ContainerView;
import io.insula.tenantapi.view.PodView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/// What the demo runs on: pods that really run are of a real image and are asked for the kernel they see; of simulated
/// ones the image is any name. Immutable.
///
/// @param profiles each tenant's
/// @param missing what the demo cannot show here, for people; a line each
record DemoNodes(boolean isReal, Home home, SequencedMap<String, String> profiles, String image, List<String> missing) {

    private static final String REAL_IMAGE = "localhost/insula/demo:1";
    private static final String SIMULATED_IMAGE = "registry.example/web:1";
    private static final Duration ANSWER = Duration.ofSeconds(30);

    static DemoNodes of(AdminClient admin, Home home) {
        JsonNode nodes = admin.get("/v1/status").path("components").path("nodes");
        boolean real = nodes.path("real").asBoolean();
        var profiles = new LinkedHashMap<String, String>();
        profiles.put("acme", real ? "gvisor" : "kata");
        profiles.put("globex", "runc");
        return real
                ? new DemoNodes(
                        true,
                        home,
                        profiles,
                        REAL_IMAGE,
                        missing(nodes.path("endpoint").asText()))
                : new DemoNodes(
                        false,
                        home,
                        profiles,
                        SIMULATED_IMAGE,
                        List.of("Nothing runs in these pods, and so they have no kernel: real nodes need root (`"
                                + home.command("up --nodes real") + "`)."));
    }

    /// @return what was done, a line each
    List<String> prepare(Path folder) {
        if (!isReal) {
            return List.of();
        }
        try (ContainerdAccess containerd = LocalNode.access(home.containerd())) {
            Path root = AtomicFiles.folder(folder.resolve("image"));
            AtomicFiles.deleteTree(root);
            Files.createDirectories(root.resolve("www"));
            Files.writeString(root.resolve("www/index.html"), "hello from Insula\n");
            LocalNode.addShell(root);
            containerd.build(root, ImageSpec.of(REAL_IMAGE, List.of("/bin/httpd", "-f", "-p", "8080", "-h", "/www")));
            return List.of("image " + REAL_IMAGE + " is made of this machine's busybox");
        } catch (IOException | NodeException e) {
            throw new CommandException("the demo's image cannot be made: " + e.getMessage(), e);
        }
    }

    /// What a pod says its kernel is, asked inside it.
    ///
    /// @param hostPod as the host has it
    String kernel(JsonNode hostPod) {
        if (!isReal) {
            return "-";
        }
        String container = PodView.of(hostPod)
                .statuses(ContainerView.Kind.ORDINARY)
                .path(0)
                .path("containerID")
                .asText("");
        if (container.isEmpty()) {
            return "-";
        }
        try (ContainerdAccess containerd = LocalNode.access(home.containerd())) {
            return containerd
                    .exec(container, List.of("/bin/uname", "-r"), ANSWER)
                    .strip();
        } catch (NodeException e) {
            throw new CommandException("a pod does not say its kernel: " + e.getMessage(), e);
        }
    }

    private static List<String> missing(String nodes) {
        var needs = Map.of(
                "kata", "containerd-shim-kata-v2 is not installed on this machine, or no node has it",
                "kubevirt", "this node runs no virtual machines");
        return needs.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .filter(need -> !(need.getKey().equals("kata") && nodes.contains(", kata (")))
                .map(need -> "Not shown: " + need.getKey() + " (" + need.getValue() + ").")
                .toList();
    }
}
