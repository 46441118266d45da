package io.insula.node.server;

import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks the API server, as a kubelet does. An API server that does not answer allows nothing. Thread-safe: guarded by
/// itself, but for the question.
///
/// Source: Kubernetes, "Kubelet authentication/authorization"; lengths of its cache are the kubelet's defaults.
public final class ReviewedAccess implements NodeAccess {

    private static final Logger LOG = LoggerFactory.getLogger(ReviewedAccess.class);
    private static final Duration ALLOWED_FOR = Duration.ofMinutes(5);
    private static final Duration REFUSED_FOR = Duration.ofSeconds(30);
    private static final int REMEMBERED = 500;

    private final KubernetesClient client;
    private final String node;
    private final InstantSource clock;
    private final Map<Question, Verdict> known = new LinkedHashMap<>();

    private record Question(Asker asker, String verb, String subresource) {}

    private record Verdict(boolean allowed, Instant until) {}

    /// @param node the Node's name
    public ReviewedAccess(KubernetesClient client, String node, InstantSource clock) {
        this.client = client;
        this.node = node;
        this.clock = clock;
    }

    @Override
    public boolean allows(Asker asker, String verb, String subresource) {
        var question = new Question(asker, verb, subresource);
        synchronized (this) {
            Verdict verdict = known.get(question);
            if (verdict != null && clock.instant().isBefore(verdict.until())) {
                return verdict.allowed();
            }
        }
        boolean allowed;
        try {
            allowed = ask(question);
        } catch (KubernetesClientException e) {
            LOG.atWarn().addKeyValue("name", node).setCause(e).log("cannot ask who may use this node");
            return false;
        }
        remember(question, allowed);
        return allowed;
    }

    private synchronized void remember(Question question, boolean allowed) {
        known.remove(question);
        known.put(question, new Verdict(allowed, clock.instant().plus(allowed ? ALLOWED_FOR : REFUSED_FOR)));
        Iterator<Question> oldest = known.keySet().iterator();
        while (known.size() > REMEMBERED) {
            oldest.next();
            oldest.remove();
        }
    }

    private boolean ask(Question question) {
        var review = new SubjectAccessReviewBuilder()
                .withNewSpec()
                .withUser(question.asker().name())
                .withGroups(question.asker().groups())
                .withNewResourceAttributes()
                .withVerb(question.verb())
                .withVersion("v1")
                .withResource("nodes")
                .withSubresource(question.subresource())
                .withName(node)
                .endResourceAttributes()
                .endSpec()
                .build();
        var answer = client.resource(review).create();
        return answer.getStatus() != null
                && Boolean.TRUE.equals(answer.getStatus().getAllowed());
    }
}
