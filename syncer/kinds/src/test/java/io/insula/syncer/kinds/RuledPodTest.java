package io.insula.syncer.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.isolation.ProfileRule;
import io.insula.isolation.TenantProfiles;
import io.insula.syncer.engine.Change;
import io.insula.syncer.engine.Change.CreateOnHost;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.engine.SyncEvent.TenantOnly;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Rules judge a pod as its tenant wrote it: who admits it does, and both must come to the same profile.
class RuledPodTest {

    private static final Pod POD = Serialization.unmarshal("""
            apiVersion: v1
            kind: Pod
            metadata: {name: web, namespace: shop, uid: u1}
            spec: {serviceAccountName: db, subdomain: s, containers: [{name: c, image: i}]}
            """, Pod.class);

    @Test
    void getsTheProfileOfARuleAboutWhatIsNotOnTheHost() {
        assertThat(profile(new ProfileRule("a", pod -> "db".equals(pod.getSpec().getServiceAccountName()), "gvisor")))
                .isEqualTo("gvisor");
    }

    /// The syncer takes these fields off, and gives the pod another name.
    @Test
    void getsNoProfileByWhatTheSyncerMakesOfIt() {
        assertThat(profile(
                        new ProfileRule("a", pod -> pod.getSpec().getServiceAccountName() == null, "gvisor"),
                        new ProfileRule("b", pod -> pod.getSpec().getSubdomain() == null, "gvisor"),
                        new ProfileRule("c", pod -> !pod.getMetadata().getName().equals("web"), "gvisor")))
                .isEqualTo("runc");
    }

    @Test
    void isNotOnTheHostWhereARuleCannotBeToldOfIt() {
        var changes = decided(new ProfileRule(
                "a",
                _ -> {
                    throw new IllegalArgumentException("no such key: x");
                },
                "gvisor"));

        assertThat(changes).noneMatch(CreateOnHost.class::isInstance);
        assertThat(changes.toString()).contains("the rule \"a\" cannot be told of it: no such key: x");
    }

    private static String profile(ProfileRule... rules) {
        return decided(rules).stream()
                .filter(CreateOnHost.class::isInstance)
                .map(each -> ((CreateOnHost) each).wanted())
                .filter(Pod.class::isInstance)
                .map(each -> each.getMetadata().getAnnotations().get(InsulaLabels.PROFILE))
                .findFirst()
                .orElse("");
    }

    private static List<Change> decided(ProfileRule... rules) {
        var profiles = new TenantProfiles(Beans.settings("runc"), List.of(Beans.settings("gvisor")), List.of(rules));
        return new PodSyncer(Beans.profiles())
                .decide(new TenantOnly<>(POD), FixedView.of("runc").withProfiles(profiles));
    }
}
