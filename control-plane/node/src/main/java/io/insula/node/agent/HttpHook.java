package io.insula.node.agent;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HTTPGetAction;
import io.fabric8.kubernetes.api.model.Pod;
import io.insula.node.probe.HttpCall;
import io.insula.node.probe.HttpTarget;
import java.io.IOException;
import java.util.Optional;

/// A hook by HTTP: whoever answers at all has heard it, whatever the answer. [#run] once, in a thread of its own;
/// [#close] ends it from any.
///
/// Source: kubernetes, `pkg/kubelet/lifecycle/handlers.go`.
final class HttpHook implements AutoCloseable {

    private static final String AGENT = "kube-lifecycle/1.34";

    private final NodeContext node;
    private final Pod pod;
    private final HttpTarget target;
    private volatile HttpCall call;

    /// @throws IOException where it cannot be asked for
    HttpHook(NodeContext node, Pod pod, Container container, HTTPGetAction action) throws IOException {
        this.node = node;
        this.pod = pod;
        String own = action.getHost() == null || action.getHost().isEmpty() ? address(node, pod) : "";
        this.target = HttpTarget.of(action, container, own, AGENT);
        this.call = new HttpCall(target);
    }

    /// What the runtime says: nobody may have been told yet.
    private static String address(NodeContext node, Pod pod) throws IOException {
        return PodView.observe(node.runtime(), pod)
                .addresses(node.settings().facts().address())
                .pod()
                .stream()
                .findFirst()
                .orElseThrow(() -> new IOException("failed to find networking container"));
    }

    /// @return why nobody has heard it
    Optional<String> run() {
        try {
            send();
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    private void send() throws IOException {
        try {
            call.send(PodView.FOR_EVER);
        } catch (HttpCall.PlainAnswer e) {
            call = new HttpCall(target.plain());
            call.send(PodView.FOR_EVER);
            node.events()
                    .warning(
                            pod,
                            "LifecycleHTTPFallback",
                            "request to HTTPS lifecycle hook " + target.address()
                                    + " got HTTP response, retry with HTTP succeeded");
        }
    }

    @Override
    public void close() {
        call.close();
    }
}
