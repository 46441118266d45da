package io.insula.node.containerd;

import io.grpc.ManagedChannel;
import io.insula.cri.v1.AttachRequest;
import io.insula.cri.v1.ContainerFilter;
import io.insula.cri.v1.ContainerStatusRequest;
import io.insula.cri.v1.ContainerStatusResponse;
import io.insula.cri.v1.CreateContainerRequest;
import io.insula.cri.v1.ExecRequest;
import io.insula.cri.v1.ExecSyncRequest;
import io.insula.cri.v1.ExecSyncResponse;
import io.insula.cri.v1.ImageServiceGrpc;
import io.insula.cri.v1.ListContainerStatsRequest;
import io.insula.cri.v1.ListContainersRequest;
import io.insula.cri.v1.ListPodSandboxRequest;
import io.insula.cri.v1.PodSandboxFilter;
import io.insula.cri.v1.PodSandboxStatusRequest;
import io.insula.cri.v1.PortForwardRequest;
import io.insula.cri.v1.RemoveContainerRequest;
import io.insula.cri.v1.RemovePodSandboxRequest;
import io.insula.cri.v1.ReopenContainerLogRequest;
import io.insula.cri.v1.RunPodSandboxRequest;
import io.insula.cri.v1.RuntimeServiceGrpc;
import io.insula.cri.v1.RuntimeServiceGrpc.RuntimeServiceBlockingStub;
import io.insula.cri.v1.StartContainerRequest;
import io.insula.cri.v1.StatusRequest;
import io.insula.cri.v1.StopContainerRequest;
import io.insula.cri.v1.StopPodSandboxRequest;
import io.insula.cri.v1.UpdateContainerResourcesRequest;
import io.insula.cri.v1.VersionRequest;
import io.insula.node.runtime.Container;
import io.insula.node.runtime.ContainerId;
import io.insula.node.runtime.ContainerRuntime;
import io.insula.node.runtime.ContainerSpec;
import io.insula.node.runtime.ContainerUsage;
import io.insula.node.runtime.ExecResult;
import io.insula.node.runtime.Images;
import io.insula.node.runtime.Resources;
import io.insula.node.runtime.RuntimeFailure;
import io.insula.node.runtime.RuntimeInfo;
import io.insula.node.runtime.Sandbox;
import io.insula.node.runtime.SandboxId;
import io.insula.node.runtime.SandboxSpec;
import io.insula.node.runtime.Streams;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// A containerd by its socket, over CRI v1. Thread-safe. It starts nothing: [OwnContainerd] does.
public final class ContainerdRuntime implements ContainerRuntime {

    /// The kubelet's `runtimeRequestTimeout`, and its longer one for sandboxes.
    private static final Duration CALL = Duration.ofMinutes(2);

    /// For what is around a command: its own time is the runtime's to keep. Not longer, as gVisor's commands are not
    /// ended by runc's shim when it is over, and would hold the caller.
    private static final Duration AROUND_EXEC = Duration.ofSeconds(10);

    private static final Duration SANDBOX = Duration.ofMinutes(4);

    private final ManagedChannel channel;
    private final RuntimeServiceBlockingStub stub;
    private final Requests requests;
    private final Images images;

    private ContainerdRuntime(ManagedChannel channel) {
        this.channel = channel;
        this.stub = RuntimeServiceGrpc.newBlockingStub(channel);
        this.requests = new Requests(Kernel.hasAppArmor());
        this.images = new CriImages(ImageServiceGrpc.newBlockingStub(channel), requests);
    }

    /// @param socket containerd's; nobody need listen yet
    public static ContainerdRuntime at(Path socket) {
        return new ContainerdRuntime(UnixChannel.to(socket));
    }

    @Override
    public RuntimeInfo info() {
        var version = Failures.translated(() -> within(CALL).version(VersionRequest.getDefaultInstance()));
        var status = Failures.translated(() -> within(CALL).status(StatusRequest.getDefaultInstance()));
        List<String> problems = status.getStatus().getConditionsList().stream()
                .filter(condition -> !condition.getStatus())
                .map(condition -> condition.getType() + "=false reason:" + condition.getReason() + " message:"
                        + condition.getMessage())
                .toList();
        return new RuntimeInfo(version.getRuntimeName(), version.getRuntimeVersion(), problems);
    }

    @Override
    public SandboxId runSandbox(SandboxSpec spec, String handler) {
        var request = RunPodSandboxRequest.newBuilder()
                .setConfig(requests.sandbox(spec))
                .setRuntimeHandler(handler)
                .build();
        return new SandboxId(Failures.translated(() -> within(SANDBOX).runPodSandbox(request))
                .getPodSandboxId());
    }

    @Override
    public void stopSandbox(SandboxId id) {
        var request =
                StopPodSandboxRequest.newBuilder().setPodSandboxId(id.value()).build();
        Failures.ifThere(() -> within(SANDBOX).stopPodSandbox(request));
    }

    @Override
    public void removeSandbox(SandboxId id) {
        var request =
                RemovePodSandboxRequest.newBuilder().setPodSandboxId(id.value()).build();
        Failures.ifThere(() -> within(SANDBOX).removePodSandbox(request));
    }

    @Override
    public Optional<Sandbox> sandbox(SandboxId id) {
        var request =
                PodSandboxStatusRequest.newBuilder().setPodSandboxId(id.value()).build();
        return there(() -> within(CALL).podSandboxStatus(request)).map(answer -> Answers.sandbox(answer.getStatus()));
    }

    @Override
    public List<Sandbox> sandboxes() {
        return sandboxes(PodSandboxFilter.getDefaultInstance());
    }

    @Override
    public List<Sandbox> sandboxes(String label, String value) {
        return sandboxes(
                PodSandboxFilter.newBuilder().putLabelSelector(label, value).build());
    }

    private List<Sandbox> sandboxes(PodSandboxFilter filter) {
        var request = ListPodSandboxRequest.newBuilder().setFilter(filter).build();
        return Failures.translated(() -> within(CALL).listPodSandbox(request)).getItemsList().stream()
                .map(Answers::listed)
                .toList();
    }

    @Override
    public ContainerId createContainer(SandboxId sandbox, ContainerSpec spec, SandboxSpec sandboxSpec) {
        var request = CreateContainerRequest.newBuilder()
                .setPodSandboxId(sandbox.value())
                .setConfig(requests.container(spec))
                .setSandboxConfig(requests.sandbox(sandboxSpec))
                .build();
        return new ContainerId(Failures.translated(() -> within(SANDBOX).createContainer(request))
                .getContainerId());
    }

    @Override
    public void startContainer(ContainerId id) {
        var request =
                StartContainerRequest.newBuilder().setContainerId(id.value()).build();
        Failures.translated(() -> within(SANDBOX).startContainer(request));
    }

    @Override
    public void stopContainer(ContainerId id, Duration grace) {
        var request = StopContainerRequest.newBuilder()
                .setContainerId(id.value())
                .setTimeout(seconds(grace))
                .build();
        Failures.ifThere(() -> within(CALL.plus(grace)).stopContainer(request));
    }

    @Override
    public void removeContainer(ContainerId id) {
        var request =
                RemoveContainerRequest.newBuilder().setContainerId(id.value()).build();
        Failures.ifThere(() -> within(CALL).removeContainer(request));
    }

    @Override
    public Optional<Container> container(ContainerId id) {
        var request = ContainerStatusRequest.newBuilder()
                .setContainerId(id.value())
                .setVerbose(true)
                .build();
        return there(() -> within(CALL).containerStatus(request))
                .map(answer -> Answers.container(answer.getStatus(), sandboxOf(answer)));
    }

    @Override
    public List<Container> containers() {
        return containers(ContainerFilter.getDefaultInstance());
    }

    @Override
    public List<Container> containers(String label, String value) {
        return containers(
                ContainerFilter.newBuilder().putLabelSelector(label, value).build());
    }

    private List<Container> containers(ContainerFilter filter) {
        var request = ListContainersRequest.newBuilder().setFilter(filter).build();
        return Failures.translated(() -> within(CALL).listContainers(request)).getContainersList().stream()
                .map(Answers::listed)
                .toList();
    }

    @Override
    public void updateResources(ContainerId id, Resources resources) {
        var request = UpdateContainerResourcesRequest.newBuilder()
                .setContainerId(id.value())
                .setLinux(Requests.resources(resources))
                .build();
        Failures.translated(() -> within(CALL).updateContainerResources(request));
    }

    @Override
    public void reopenLog(ContainerId id) {
        var request = ReopenContainerLogRequest.newBuilder()
                .setContainerId(id.value())
                .build();
        Failures.translated(() -> within(CALL).reopenContainerLog(request));
    }

    @Override
    public ExecResult exec(ContainerId id, List<String> command, Duration timeout) {
        var request = ExecSyncRequest.newBuilder()
                .setContainerId(id.value())
                .addAllCmd(command)
                .setTimeout(seconds(timeout))
                .build();
        ExecSyncResponse answer =
                Failures.translated(() -> within(AROUND_EXEC.plus(timeout)).execSync(request));
        return new ExecResult(
                answer.getExitCode(),
                answer.getStdout().toByteArray(),
                answer.getStderr().toByteArray());
    }

    @Override
    public URI execUrl(ContainerId id, List<String> command, Streams streams) {
        var request = ExecRequest.newBuilder()
                .setContainerId(id.value())
                .addAllCmd(command)
                .setStdin(streams.stdin())
                .setStdout(streams.stdout())
                .setStderr(streams.stderr())
                .setTty(streams.tty())
                .build();
        return URI.create(Failures.translated(() -> within(CALL).exec(request)).getUrl());
    }

    @Override
    public URI attachUrl(ContainerId id, Streams streams) {
        var request = AttachRequest.newBuilder()
                .setContainerId(id.value())
                .setStdin(streams.stdin())
                .setStdout(streams.stdout())
                .setStderr(streams.stderr())
                .setTty(streams.tty())
                .build();
        return URI.create(
                Failures.translated(() -> within(CALL).attach(request)).getUrl());
    }

    @Override
    public URI portForwardUrl(SandboxId id, List<Integer> ports) {
        var request = PortForwardRequest.newBuilder()
                .setPodSandboxId(id.value())
                .addAllPort(ports)
                .build();
        return URI.create(
                Failures.translated(() -> within(CALL).portForward(request)).getUrl());
    }

    @Override
    public List<ContainerUsage> usage() {
        return Failures.translated(
                        () -> within(CALL).listContainerStats(ListContainerStatsRequest.getDefaultInstance()))
                .getStatsList()
                .stream()
                .map(Answers::usage)
                .toList();
    }

    @Override
    public Images images() {
        return images;
    }

    @Override
    public AutoCloseable watch(Runnable changed) {
        return TaskEvents.follow(channel, changed);
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }

    private RuntimeServiceBlockingStub within(Duration time) {
        return stub.withDeadlineAfter(time.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static <T> Optional<T> there(Supplier<T> call) {
        try {
            return Optional.of(Failures.translated(call));
        } catch (RuntimeFailure.NotFound e) {
            return Optional.empty();
        }
    }

    /// The status does not say it, containerd's verbose part does; the answer itself stays right without.
    private static SandboxId sandboxOf(ContainerStatusResponse answer) {
        return new SandboxId(VerboseInfo.sandboxId(answer.getInfoOrDefault("info", "")));
    }

    /// CRI counts whole seconds: a part of one is one, as 0 would mean none.
    private static long seconds(Duration time) {
        return time.plus(Duration.ofSeconds(1).minusNanos(1)).toSeconds();
    }
}
