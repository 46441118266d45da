package io.insula.node.agent;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HTTPGetAction;
import io.fabric8.kubernetes.api.model.HTTPHeader;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Probe;
import io.insula.node.runtime.ContainerId;
import io.insula.node.runtime.ContainerRuntime;
import io.insula.node.runtime.RuntimeFailure;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/// Asks a container once how it is. Thread-safe. Source: Kubernetes, "Configure Liveness, Readiness and Startup
/// Probes".
final class Probing {

    private final ContainerRuntime runtime;

    Probing(ContainerRuntime runtime) {
        this.runtime = runtime;
    }

    /// @param message what a failed one said, for the Event `Unhealthy`
    record Result(boolean succeeded, String message) {}

    /// @param address the pod's
    Result ask(Probe probe, Container container, ContainerId id, String address) throws InterruptedException {
        Duration timeout = Duration.ofSeconds(probe.getTimeoutSeconds() == null ? 1 : probe.getTimeoutSeconds());
        try {
            if (probe.getExec() != null) {
                var result = runtime.exec(id, probe.getExec().getCommand(), timeout);
                String said = new String(result.stdout(), StandardCharsets.UTF_8)
                        + new String(result.stderr(), StandardCharsets.UTF_8);
                return new Result(result.exitCode() == 0, said);
            }
            if (probe.getHttpGet() != null) {
                return http(probe.getHttpGet(), container, address, timeout);
            }
            if (probe.getTcpSocket() != null) {
                String host = probe.getTcpSocket().getHost();
                return tcp(
                        host == null || host.isEmpty() ? address : host,
                        port(container, probe.getTcpSocket().getPort()),
                        timeout);
            }
            return new Result(false, "a probe of a kind that this node does not serve");
        } catch (RuntimeFailure.TimedOut e) {
            return new Result(false, "command timed out after " + timeout.toSeconds() + "s");
        } catch (RuntimeFailure | IOException e) {
            return new Result(false, String.valueOf(e.getMessage()));
        }
    }

    private static Result tcp(String host, int port, Duration timeout) throws IOException {
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress(host, port), (int) timeout.toMillis());
            return new Result(true, "");
        }
    }

    private static Result http(HTTPGetAction action, Container container, String address, Duration timeout)
            throws IOException, InterruptedException {
        if ("HTTPS".equals(action.getScheme())) {
            return new Result(false, "a probe by HTTPS, which this node does not serve");
        }
        String host = action.getHost() == null || action.getHost().isEmpty() ? address : action.getHost();
        String path = action.getPath() == null ? "/" : action.getPath();
        URI uri = URI.create("http://" + host + ":" + port(container, action.getPort())
                + (path.startsWith("/") ? path : "/" + path));
        try (HttpClient client = HttpClient.newBuilder().connectTimeout(timeout).build()) {
            var request = HttpRequest.newBuilder(uri).timeout(timeout).header("User-Agent", "kube-probe/1.34");
            for (HTTPHeader header : action.getHttpHeaders()) {
                if (!header.getName().equalsIgnoreCase("Host")) {
                    request.setHeader(header.getName(), header.getValue());
                }
            }
            var answer = client.send(request.build(), HttpResponse.BodyHandlers.discarding());
            boolean good = answer.statusCode() >= 200 && answer.statusCode() < 400;
            return new Result(good, good ? "" : "HTTP probe failed with statuscode: " + answer.statusCode());
        }
    }

    private static int port(Container container, IntOrString port) {
        if (port.getIntVal() != null) {
            return port.getIntVal();
        }
        return container.getPorts().stream()
                .filter(p -> port.getStrVal().equals(p.getName()))
                .map(p -> p.getContainerPort())
                .findFirst()
                .orElseGet(() -> Integer.parseInt(port.getStrVal()));
    }
}
