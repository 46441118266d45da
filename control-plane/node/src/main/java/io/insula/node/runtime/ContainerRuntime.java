package io.insula.node.runtime;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Runs sandboxes and the containers in them. Calls block; they may come from any number of threads.
///
/// All ids are the runtime's. What it made outlives this object and whoever uses it: a new one finds the same.
/// Every method throws [RuntimeFailure].
public interface ContainerRuntime extends AutoCloseable {

    RuntimeInfo info();

    /// Makes a sandbox with its network and starts it.
    ///
    /// @param handler which runtime, as in a RuntimeClass; empty for the runtime's default
    SandboxId runSandbox(SandboxSpec spec, String handler);

    /// Ends everything in it and gives its network back. Idempotent; nothing where there is no such sandbox.
    void stopSandbox(SandboxId id);

    /// Removes a stopped sandbox with its containers. Idempotent.
    void removeSandbox(SandboxId id);

    Optional<Sandbox> sandbox(SandboxId id);

    /// All, without addresses: these are told by [#sandbox] only.
    List<Sandbox> sandboxes();

    /// The same of those that bear a label: one pod's among hundreds costs no more than where it is alone.
    List<Sandbox> sandboxes(String label, String value);

    /// Makes a container, not yet started. Its image must be there.
    ContainerId createContainer(SandboxId sandbox, ContainerSpec spec, SandboxSpec sandboxSpec);

    void startContainer(ContainerId id);

    /// Asks the container to end, and kills it after `grace`. Returns once it has ended. Idempotent.
    void stopContainer(ContainerId id, Duration grace);

    /// Idempotent.
    void removeContainer(ContainerId id);

    Optional<Container> container(ContainerId id);

    /// All, without exit codes and times: these are told by [#container] only.
    List<Container> containers();

    /// The same of those that bear a label.
    List<Container> containers(String label, String value);

    void updateResources(ContainerId id, Resources resources);

    /// Lets the container's log go on in a new file at its path, after the old one has been renamed.
    void reopenLog(ContainerId id);

    /// Runs a command in a container and waits for its end.
    ///
    /// @throws RuntimeFailure.TimedOut when it does not end in time; it is killed then
    ExecResult exec(ContainerId id, List<String> command, Duration timeout);

    /// Where the runtime serves the streams of a new process in a container: one use, soon.
    URI execUrl(ContainerId id, List<String> command, Streams streams);

    /// Where the runtime serves the streams of the container's own process.
    URI attachUrl(ContainerId id, Streams streams);

    /// Where the runtime serves connections to ports of a sandbox.
    URI portForwardUrl(SandboxId id, List<Integer> ports);

    List<ContainerUsage> usage();

    Images images();

    /// Calls `changed` soon after anything about containers or sandboxes may have changed, until closed. Calls may be
    /// too many; none is lost for longer than a few seconds.
    AutoCloseable watch(Runnable changed);

    @Override
    void close();
}
