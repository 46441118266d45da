package io.insula.controlplane.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.controlplane.home.AtomicFiles;
import io.insula.controlplane.home.Home;
import io.insula.controlplane.nodes.NodeAccess;
import io.insula.controlplane.service.HomeNodes;
import io.insula.controlplane.tenant.TenantSpec;
import io.insula.node.image.ImageSpec;
import io.insula.tenantapi.view.Condition;
import io.insula.tenantapi.view.ContainerView;
import io.insula.tenantapi.view.PodView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What the demo runs on: pods that really run are of a real image and are asked for the kernel they see; of simulated
/// ones the image is any name. One tenant has the default profile, the other one that is as hard to serve as any that
/// the host does serve. Immutable, and to be closed.
///
/// @param node the way to those where pods really run; none where all are simulated
/// @param profiles each tenant's
/// @param missing what the demo cannot show here, for people; a line each
record DemoNodes(@Nullable NodeAccess node, SequencedMap<String, String> profiles, String image, List<String> missing)
        implements AutoCloseable {

    private static final String REAL_IMAGE = "localhost/insula/demo:1";
    private static final String SIMULATED_IMAGE = "registry.example/web:1";
    private static final Duration ANSWER = Duration.ofSeconds(30);
    /// The service looks at the profiles when it starts.
    private static final Duration KNOWN_WITHIN = Duration.ofMinutes(1);

    private static final Duration LOOK = Duration.ofMillis(200);

    static DemoNodes of(AdminClient admin, Home home) {
        var real = new HashSet<String>();
        admin.get("/v1/status").path("components").path("nodes").path("real").forEach(name -> real.add(name.asText()));
        List<JsonNode> all = knownProfiles(admin);
        var profiles = new LinkedHashMap<String, String>();
        profiles.put("acme", hardest(all, real));
        profiles.put("globex", TenantSpec.DEFAULT_PROFILE);
        var missing = new ArrayList<>(missing(all, real));
        if (real.isEmpty()) {
            missing.add("Nothing runs in these pods, and so they have no kernel: real nodes need root (`"
                    + home.command("up --nodes real") + "`).");
        }
        return real.isEmpty()
                ? new DemoNodes(null, profiles, SIMULATED_IMAGE, missing)
                : new DemoNodes(access(home), profiles, REAL_IMAGE, missing);
    }

    private static NodeAccess access(Home home) {
        try {
            return HomeNodes.access(home);
        } catch (NodeAccess.Failure e) {
            throw noImage(e);
        }
    }

    private static CommandException noImage(Exception why) {
        return new CommandException("the demo's image cannot be made: " + why.getMessage(), why);
    }

    private static List<JsonNode> knownProfiles(AdminClient admin) {
        var waiting = Waiting.upTo(KNOWN_WITHIN, LOOK);
        while (true) {
            List<JsonNode> all = admin.items("/v1/profiles", "");
            if (all.stream().allMatch(each -> served(each).exists()) || waiting.isOver()) {
                return all;
            }
            waiting.pause();
        }
    }

    /// Served by the fewest nodes.
    private static String hardest(List<JsonNode> profiles, Set<String> real) {
        return profiles.stream()
                .filter(each -> obstacle(each, real).isEmpty())
                .filter(each -> !name(each).equals(TenantSpec.DEFAULT_PROFILE))
                .min(Comparator.comparingInt((JsonNode each) ->
                                each.path("status").path("nodeCount").asInt())
                        .thenComparing(DemoNodes::name))
                .map(DemoNodes::name)
                .orElse(TenantSpec.DEFAULT_PROFILE);
    }

    private static List<String> missing(List<JsonNode> profiles, Set<String> real) {
        return profiles.stream()
                // one of each sandbox
                .filter(each -> name(each).equals(each.at("/spec/sandbox").asText()))
                .flatMap(each ->
                        obstacle(each, real).stream().map(why -> "Not shown: " + name(each) + " (" + why + ")."))
                .sorted()
                .toList();
    }

    /// Why its pods cannot be shown; empty where they can. Beside nodes on which pods really run, simulated ones show
    /// nothing.
    private static Optional<String> obstacle(JsonNode profile, Set<String> real) {
        Condition served = served(profile);
        if (!served.isTrue()) {
            return Optional.of(served.message());
        }
        for (JsonNode node : profile.path("status").path("nodes")) {
            if (real.isEmpty() || real.contains(node.asText())) {
                return Optional.empty();
            }
        }
        return Optional.of("only simulated nodes serve it");
    }

    private static Condition served(JsonNode profile) {
        return Condition.of(profile, "Served");
    }

    private static String name(JsonNode profile) {
        return profile.path("metadata").path("name").asText();
    }

    /// @return what was done, a line each
    List<String> prepare(Path folder) {
        if (node == null) {
            return List.of();
        }
        try {
            Path root = AtomicFiles.folder(folder.resolve("image"));
            AtomicFiles.deleteTree(root);
            Files.createDirectories(root.resolve("www"));
            Files.writeString(root.resolve("www/index.html"), "hello from Insula\n");
            node.addShell(root);
            node.build(root, ImageSpec.of(REAL_IMAGE, List.of("/bin/httpd", "-f", "-p", "8080", "-h", "/www")));
            return List.of("image " + REAL_IMAGE + " is made of this machine's busybox");
        } catch (IOException | NodeAccess.Failure e) {
            throw noImage(e);
        }
    }

    /// What a pod says its kernel is, asked inside it.
    ///
    /// @param hostPod as the host has it
    String kernel(JsonNode hostPod) {
        if (node == null) {
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
        try {
            return node.exec(container, List.of("/bin/uname", "-r"), ANSWER).strip();
        } catch (NodeAccess.Failure e) {
            throw new CommandException("a pod does not say its kernel: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        if (node != null) {
            node.close();
        }
    }
}
