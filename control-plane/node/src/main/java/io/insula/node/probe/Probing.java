package io.insula.node.probe;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.TCPSocketAction;
import io.insula.node.probe.ProbeResult.Failure;
import io.insula.node.probe.ProbeResult.Success;
import io.insula.node.probe.ProbeResult.Unknown;
import io.insula.node.runtime.ContainerId;
import io.insula.node.runtime.ContainerRuntime;
import io.insula.node.runtime.RuntimeFailure;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/// Asks a container once how it is. Thread-safe. Source: Kubernetes, "Configure Liveness, Readiness and Startup
/// Probes"; `pkg/probe`.
public final class Probing {

    static final String AGENT = "kube-probe/1.34";
    /// Of what a command says. Source: `pkg/probe/exec`.
    private static final int LONGEST = 10 << 10;

    private static final int TRIES = 3;

    private final ContainerRuntime runtime;

    public Probing(ContainerRuntime runtime) {
        this.runtime = runtime;
    }

    /// What cannot be asked, is asked again at once, twice.
    ///
    /// @param address the pod's
    public ProbeResult ask(Probe probe, Container container, ContainerId id, String address) {
        ProbeResult result = new Unknown("");
        for (int tried = 0; tried < TRIES && result instanceof Unknown; tried++) {
            result = once(probe, container, id, address);
        }
        return result;
    }

    private ProbeResult once(Probe probe, Container container, ContainerId id, String address) {
        Duration timeout = Duration.ofSeconds(probe.getTimeoutSeconds() == null ? 1 : probe.getTimeoutSeconds());
        if (probe.getExec() != null) {
            return exec(probe, id, timeout);
        }
        if (probe.getHttpGet() != null) {
            return http(probe, container, address, timeout);
        }
        if (probe.getTcpSocket() != null) {
            return tcp(probe.getTcpSocket(), container, address, timeout);
        }
        if (probe.getGrpc() != null) {
            return GrpcProbe.ask(probe.getGrpc(), address, timeout);
        }
        return new Unknown("missing probe handler for " + container.getName());
    }

    private ProbeResult exec(Probe probe, ContainerId id, Duration timeout) {
        try {
            var result = runtime.exec(id, probe.getExec().getCommand(), timeout);
            String said = new String(result.stdout(), StandardCharsets.UTF_8)
                    + new String(result.stderr(), StandardCharsets.UTF_8);
            return result.exitCode() == 0
                    ? new Success("")
                    : new Failure(said.substring(0, Math.min(said.length(), LONGEST)));
        } catch (RuntimeFailure.TimedOut e) {
            return new Failure("command timed out after " + timeout.toSeconds() + "s");
        } catch (RuntimeFailure e) {
            return new Unknown(String.valueOf(e.getMessage()));
        }
    }

    private static ProbeResult http(Probe probe, Container container, String address, Duration timeout) {
        HttpTarget target;
        try {
            target = HttpTarget.of(probe.getHttpGet(), container, address, AGENT);
        } catch (IOException e) {
            return new Unknown(String.valueOf(e.getMessage()));
        }
        try (var call = new HttpCall(target)) {
            HttpCall.Answer answer = call.send(timeout);
            if (answer.status() < 200 || answer.status() >= 400) {
                return new Failure("HTTP probe failed with statuscode: " + answer.status());
            }
            return new Success(answer.elsewhere() ? "Probe terminated redirects" : "");
        } catch (IOException e) {
            return new Failure(String.valueOf(e.getMessage()));
        }
    }

    private static ProbeResult tcp(TCPSocketAction action, Container container, String address, Duration timeout) {
        int port;
        try {
            port = Ports.of(container, action.getPort());
        } catch (IOException e) {
            return new Unknown(String.valueOf(e.getMessage()));
        }
        String host = action.getHost() == null || action.getHost().isEmpty() ? address : action.getHost();
        try (var socket = new Socket()) {
            Dialing.connect(socket, host, port, (int) timeout.toMillis());
            return new Success("");
        } catch (IOException e) {
            return new Failure(String.valueOf(e.getMessage()));
        }
    }
}
