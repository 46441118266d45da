package io.insula.node.agent;

import io.fabric8.kubernetes.api.model.Pod;
import io.insula.node.pod.PodFault;
import io.insula.node.runtime.Sandbox;
import org.jspecify.annotations.Nullable;

/// Has a pod's network let it, while its container is made: both take about as long. One virtual thread, joined by
/// [#await] or [#close]. Confined to the pod's thread.
final class Announcing implements AutoCloseable {

    private final Thread thread;
    private volatile @Nullable RuntimeException failure;

    private Announcing(PodAnnouncer announcer, Pod pod, Sandbox sandbox) {
        thread = Thread.ofVirtual()
                .name("insula-announce " + pod.getMetadata().getName())
                .unstarted(() -> announce(announcer, pod, sandbox));
    }

    /// @param sandbox with the pod's address, or none where it has the machine's
    static Announcing start(PodAnnouncer announcer, Pod pod, Sandbox sandbox) {
        var announcing = new Announcing(announcer, pod, sandbox);
        if (!sandbox.addresses().isEmpty()) {
            announcing.thread.start();
        }
        return announcing;
    }

    private void announce(PodAnnouncer announcer, Pod pod, Sandbox sandbox) {
        try {
            announcer.announce(pod, sandbox.addresses().getFirst());
        } catch (RuntimeException e) {
            failure = e;
        }
    }

    /// Back once the pod may send and get.
    ///
    /// @throws PodFault `NetworkNotReady`, saying why it may not yet
    void await() {
        join();
        RuntimeException why = failure;
        if (why != null) {
            throw new PodFault("NetworkNotReady", String.valueOf(why.getMessage()));
        }
        if (Thread.currentThread().isInterrupted()) {
            throw new PodFault("NetworkNotReady", "the node ends");
        }
    }

    private void join() {
        try {
            if (thread.getState() != Thread.State.NEW) {
                thread.join();
            }
        } catch (InterruptedException e) {
            thread.interrupt();
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        join();
    }
}
