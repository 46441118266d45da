package io.insula.node.containerd;

import io.insula.cri.v1.ContainerState;
import io.insula.cri.v1.ContainerStats;
import io.insula.cri.v1.ContainerStatus;
import io.insula.cri.v1.FilesystemUsage;
import io.insula.cri.v1.PodIP;
import io.insula.cri.v1.PodSandboxMetadata;
import io.insula.cri.v1.PodSandboxState;
import io.insula.cri.v1.PodSandboxStatus;
import io.insula.node.runtime.Container;
import io.insula.node.runtime.ContainerId;
import io.insula.node.runtime.ContainerUsage;
import io.insula.node.runtime.Images;
import io.insula.node.runtime.Sandbox;
import io.insula.node.runtime.SandboxId;
import io.insula.node.runtime.SandboxSpec;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// From the messages of CRI to the port's words. Stateless.
final class Answers {

    private static final long NANOS = 1_000_000_000L;

    private Answers() {}

    static Sandbox sandbox(PodSandboxStatus status) {
        var addresses = new ArrayList<String>();
        if (!status.getNetwork().getIp().isEmpty()) {
            addresses.add(status.getNetwork().getIp());
            status.getNetwork().getAdditionalIpsList().stream()
                    .map(PodIP::getIp)
                    .forEach(addresses::add);
        }
        return new Sandbox(
                new SandboxId(status.getId()),
                name(status.getMetadata()),
                status.getState() == PodSandboxState.SANDBOX_READY,
                instant(status.getCreatedAt()),
                addresses,
                status.getLabelsMap(),
                status.getAnnotationsMap(),
                status.getRuntimeHandler());
    }

    static Sandbox listed(io.insula.cri.v1.PodSandbox sandbox) {
        return new Sandbox(
                new SandboxId(sandbox.getId()),
                name(sandbox.getMetadata()),
                sandbox.getState() == PodSandboxState.SANDBOX_READY,
                instant(sandbox.getCreatedAt()),
                List.of(),
                sandbox.getLabelsMap(),
                sandbox.getAnnotationsMap(),
                sandbox.getRuntimeHandler());
    }

    private static SandboxSpec.Name name(PodSandboxMetadata metadata) {
        return new SandboxSpec.Name(
                metadata.getNamespace(), metadata.getName(), metadata.getUid(), metadata.getAttempt());
    }

    /// @param sandbox the status does not name it
    static Container container(ContainerStatus status, SandboxId sandbox) {
        return new Container(
                new ContainerId(status.getId()),
                sandbox,
                status.getMetadata().getName(),
                status.getMetadata().getAttempt(),
                state(status),
                status.getImage().getImage(),
                status.getImageRef(),
                instant(status.getCreatedAt()),
                status.getLabelsMap(),
                status.getAnnotationsMap(),
                status.getLogPath().isEmpty() ? Optional.empty() : Optional.of(Path.of(status.getLogPath())));
    }

    static Container listed(io.insula.cri.v1.Container container) {
        return new Container(
                new ContainerId(container.getId()),
                new SandboxId(container.getPodSandboxId()),
                container.getMetadata().getName(),
                container.getMetadata().getAttempt(),
                state(container.getState()),
                container.getImage().getImage(),
                container.getImageRef(),
                instant(container.getCreatedAt()),
                container.getLabelsMap(),
                container.getAnnotationsMap(),
                Optional.empty());
    }

    private static Container.State state(ContainerStatus status) {
        return switch (status.getState()) {
            case CONTAINER_CREATED -> new Container.State.Created();
            case CONTAINER_RUNNING -> new Container.State.Running(instant(status.getStartedAt()));
            case CONTAINER_EXITED ->
                new Container.State.Exited(
                        status.getExitCode(),
                        status.getReason(),
                        status.getMessage(),
                        instant(status.getStartedAt()),
                        instant(status.getFinishedAt()));
            case CONTAINER_UNKNOWN, UNRECOGNIZED -> new Container.State.Unknown();
        };
    }

    private static Container.State state(ContainerState state) {
        return switch (state) {
            case CONTAINER_CREATED -> new Container.State.Created();
            case CONTAINER_RUNNING -> new Container.State.Running(Instant.EPOCH);
            case CONTAINER_EXITED -> new Container.State.Exited(0, "", "", Instant.EPOCH, Instant.EPOCH);
            case CONTAINER_UNKNOWN, UNRECOGNIZED -> new Container.State.Unknown();
        };
    }

    static ContainerUsage usage(ContainerStats stats) {
        return new ContainerUsage(
                new ContainerId(stats.getAttributes().getId()),
                stats.getAttributes().getMetadata().getName(),
                stats.getAttributes().getLabelsMap(),
                instant(stats.getCpu().getTimestamp()),
                stats.getCpu().getUsageCoreNanoSeconds().getValue(),
                stats.getMemory().getWorkingSetBytes().getValue(),
                stats.getMemory().getUsageBytes().getValue(),
                stats.getMemory().getRssBytes().getValue(),
                stats.getWritableLayer().getUsedBytes().getValue(),
                stats.getWritableLayer().getInodesUsed().getValue());
    }

    static Images.Image image(io.insula.cri.v1.Image image) {
        return new Images.Image(
                image.getId(),
                image.getRepoTagsList(),
                image.getRepoDigestsList(),
                image.getSize(),
                image.hasUid() ? Optional.of(image.getUid().getValue()) : Optional.empty(),
                image.getUsername(),
                image.getPinned() || image.getRepoTagsList().contains(SandboxImage.NAME));
    }

    static Images.FilesystemUse use(FilesystemUsage usage) {
        return new Images.FilesystemUse(
                usage.getFsId().getMountpoint(),
                usage.getUsedBytes().getValue(),
                usage.getInodesUsed().getValue());
    }

    private static Instant instant(long nanos) {
        return Instant.ofEpochSecond(nanos / NANOS, nanos % NANOS);
    }
}
