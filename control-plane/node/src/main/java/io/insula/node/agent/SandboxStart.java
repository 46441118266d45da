package io.insula.node.agent;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.node.v1.RuntimeClass;
import io.insula.node.pod.PodFault;
import io.insula.node.pod.SandboxSpecs;
import io.insula.node.runtime.RuntimeFailure;
import io.insula.node.runtime.SandboxSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Makes a pod's sandbox, in place of one that is gone. Confined to the pod's worker.
final class SandboxStart {

    private static final Logger LOG = LoggerFactory.getLogger(SandboxStart.class);

    private final NodeContext node;
    private final PodStop stop;
    private final PodMounts mounts;

    SandboxStart(NodeContext node, PodStop stop, PodMounts mounts) {
        this.node = node;
        this.stop = stop;
        this.mounts = mounts;
    }

    /// What is in the way is told by events.
    ///
    /// @return whether it runs; if not, another try may do
    /// @throws RuntimeFailure.Unavailable where the runtime does not answer
    boolean start(PodView view, int attempt) throws IOException {
        Pod wanted = view.pod();
        try {
            if (mounts.prepare(view).isEmpty()) {
                return false;
            }
            view.sandbox().ifPresent(old -> {
                stop.stop(view, Duration.ZERO);
                LOG.atInfo()
                        .addKeyValue("name", wanted.getMetadata().getName())
                        .log("the pod's sandbox is gone, making another");
            });
            SandboxSpec spec = SandboxSpecs.of(wanted, attempt, node.settings().facts());
            Files.createDirectories(spec.logs());
            bound(wanted);
            node.runtime().runSandbox(spec, handler(wanted));
            return true;
        } catch (RuntimeFailure.Unavailable e) {
            throw e;
        } catch (RuntimeFailure | PodFault e) {
            node.events().warning(wanted, "FailedCreatePodSandBox", "Failed to create pod sandbox: " + e.getMessage());
            return false;
        }
    }

    /// The pod's own control group, in which all its containers are.
    private void bound(Pod wanted) {
        try {
            PodGroup.bound(wanted, node.settings());
        } catch (IOException e) {
            throw new PodFault("FailedCreatePodContainer", "unable to ensure pod container exists: " + e.getMessage());
        }
    }

    private String handler(Pod wanted) {
        String name = wanted.getSpec().getRuntimeClassName();
        if (name == null || name.isEmpty()) {
            return "";
        }
        RuntimeClass found =
                node.client().resources(RuntimeClass.class).withName(name).get();
        if (found == null) {
            throw PodFault.config("runtimeclass.node.k8s.io \"" + name + "\" not found");
        }
        return found.getHandler();
    }
}
