package io.insula.controlplane.nodes;

import io.insula.host.simulation.NodePool;
import io.insula.host.simulation.SimulatedNodes;
import io.insula.node.image.ImageSpec;
import io.insula.node.runtime.Images.Image;
import io.insula.tenantapi.controllers.ControllerFactory;
import io.micronaut.context.annotation.Requires;
import jakarta.inject.Singleton;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What somebody writes who adds a node back end. It is there only where a context asks for what is made up.
@Singleton
@Requires(env = "made-up")
final class MadeUpBackEnd implements NodeBackEnd {

    @Override
    public String name() {
        return "made-up";
    }

    @Override
    public List<ControllerFactory> controllers(boolean alone) {
        var pool = new NodePool(
                "made-up",
                1,
                Map.of("cpu", "1", "memory", "1Gi", "pods", "10"),
                Map.of(NodeLabels.BACK_END, name(), NodeLabels.runtime("runsc"), "true"),
                List.of(),
                List.of("runc", "runsc"),
                false);
        return SimulatedNodes.controllers(List.of(pool), Duration.ofMillis(20));
    }

    @Override
    public Optional<String> storageClass() {
        return Optional.of("local");
    }

    @Override
    public boolean isReal() {
        return true;
    }

    @Override
    public RunningNodes start(Surroundings around) {
        return new Running();
    }

    @Override
    public boolean hasLeft(Path folder) {
        return Files.exists(folder.resolve("running"));
    }

    @Override
    public Optional<NodeAccess> access(Path folder) {
        return Optional.of(new Access(folder));
    }

    /// Says what it was asked.
    private record Access(Path folder) implements NodeAccess {

        @Override
        public List<Image> images() {
            throw new UnsupportedOperationException();
        }

        @Override
        public List<String> load(Path archive) {
            throw new UnsupportedOperationException();
        }

        @Override
        public String build(Path root, ImageSpec spec) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void addShell(Path root) {
            throw new UnsupportedOperationException();
        }

        @Override
        public String exec(String container, List<String> command, Duration within) {
            return folder.getFileName() + ": " + container + " " + command;
        }

        @Override
        public void close() {}
    }

    private record Running() implements RunningNodes {

        @Override
        public boolean isReady() {
            return true;
        }

        @Override
        public String description() {
            return "made-up-0";
        }

        @Override
        public Set<String> handlers() {
            return Set.of("runc", "runsc");
        }

        @Override
        public void close() {}
    }
}
