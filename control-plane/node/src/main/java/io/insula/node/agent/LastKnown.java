package io.insula.node.agent;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.lang.ref.SoftReference;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

/// What the API server last said, for as long as it says nothing: containers start again from what they started from
/// while it is gone, as with a kubelet, which keeps what its pods use. What it refuses or does not have is an answer,
/// too. As much as memory allows, those that were asked for longest ago go first. Thread-safe: guarded by its lock.
final class LastKnown {

    private static final int MOST = 1000;
    private static final int FAULTS = 500;

    private final Map<Object, SoftReference<Object>> answers = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Object, SoftReference<Object>> eldest) {
            return size() > MOST;
        }
    };

    /// @param question what is asked; its class says what the answer is
    /// @throws KubernetesClientException where the API server refuses, or says nothing and never has
    <T> T ask(Question<T> question, Supplier<T> server) {
        try {
            T answer = server.get();
            synchronized (answers) {
                answers.put(question, new SoftReference<>(answer));
            }
            return answer;
        } catch (KubernetesClientException e) {
            if (!isSilence(e)) {
                throw e;
            }
            synchronized (answers) {
                SoftReference<Object> before = answers.get(question);
                Object answer = before == null ? null : before.get();
                if (answer == null) {
                    throw e;
                }
                return question.answer(answer);
            }
        }
    }

    /// Whether it says nothing about what was asked: the client has 0 or -1 for what is no answer of a server's.
    static boolean isSilence(KubernetesClientException e) {
        return e.getCode() <= 0 || e.getCode() >= FAULTS;
    }

    /// One object, or all of a namespace.
    ///
    /// @param type of the answer
    /// @param name empty for all
    record Question<T>(Class<T> type, String kind, String namespace, String name) {
        T answer(Object known) {
            return Objects.requireNonNull(type.cast(known));
        }
    }
}
