package io.insula.node.agent;

import io.fabric8.kubernetes.api.model.Pod;
import io.insula.node.agent.Admission.Place;
import io.insula.node.agent.Admission.Rejection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;

/// Which pods this node has taken: one after the other, each beside those before it. Who has been told of a start was
/// taken, by us or by an agent before us. Thread-safe: guarded by the lock.
final class Admissions implements Neighbours {

    private final Function<Pod, List<Pod>> besides;
    private final Supplier<Place> place;
    private final ReentrantLock lock = new ReentrantLock();
    private final Set<String> admitted = new HashSet<>();

    /// @param besides all pods of the node but one that have not ended
    /// @param place asked each time
    Admissions(Function<Pod, List<Pod>> besides, Supplier<Place> place) {
        this.besides = besides;
        this.place = place;
    }

    /// Of a node that has no pods yet.
    static Admissions none() {
        return new Admissions(_ -> List.of(), () -> {
            throw new IllegalStateException("the node is not there yet");
        });
    }

    /// Takes a pod, unless the node cannot.
    @Override
    public Optional<Rejection> admit(Pod pod) {
        String uid = pod.getMetadata().getUid();
        lock.lock();
        try {
            if (isIn(pod)) {
                return Optional.empty();
            }
            Optional<Rejection> rejection = Admission.rejection(pod, besides(pod), place.get());
            if (rejection.isEmpty()) {
                admitted.add(uid);
            }
            return rejection;
        } finally {
            lock.unlock();
        }
    }

    private boolean isIn(Pod pod) {
        return admitted.contains(pod.getMetadata().getUid()) || pod.getStatus().getStartTime() != null;
    }

    @Override
    public List<Pod> besides(Pod pod) {
        lock.lock();
        try {
            return besides.apply(pod).stream().filter(this::isIn).toList();
        } finally {
            lock.unlock();
        }
    }

    void gone(String uid) {
        lock.lock();
        try {
            admitted.remove(uid);
        } finally {
            lock.unlock();
        }
    }
}
