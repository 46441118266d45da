package io.insula.syncer.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.isolation.TenantProfiles;
import io.insula.syncer.engine.Change;
import io.insula.syncer.engine.Change.ApplyToHost;
import io.insula.syncer.engine.SyncEvent.TenantOnly;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What Services tell the host's load balancers.
class BalancerAnnotationsTest {

    private static final String OWN = "{lb.example.com/scheme: internal, lb.example.com/cert: theirs,"
            + " kubectl.kubernetes.io/last-applied-configuration: '{}', insula.io/tenant: globex}";

    @Test
    void areThoseOfTheProfileAndTheTenantIsTold() {
        var changes = decided("LoadBalancer", "[lb.example.com/scheme=internal]");

        assertThat(annotations(changes))
                .containsEntry("lb.example.com/scheme", "internal")
                .containsEntry("insula.io/tenant", "acme")
                .doesNotContainKeys("lb.example.com/cert", "kubectl.kubernetes.io/last-applied-configuration");
        assertThat(changes.getFirst().toString())
                .contains(
                        "metadata.annotations[lb.example.com/cert]: is not for the load balancers of the shared cluster")
                .doesNotContain("last-applied", "theirs");
    }

    @Test
    void areNoneByDefaultAndOfNoOtherService() {
        assertThat(annotations(decided("LoadBalancer", "[]"))).doesNotContainKey("lb.example.com/scheme");
        var clusterIp = decided("ClusterIP", "[lb.example.com/scheme]");
        assertThat(annotations(clusterIp)).doesNotContainKey("lb.example.com/scheme");
        assertThat(clusterIp).hasSize(1);
    }

    private static Map<String, String> annotations(List<Change> changes) {
        return ((ApplyToHost) changes.getLast()).wanted().getMetadata().getAnnotations();
    }

    private static List<Change> decided(String type, String allowed) {
        var network = Map.of("loadBalancerAnnotations", Serialization.unmarshal("---\n" + allowed, List.class));
        var profiles =
                TenantProfiles.only(Beans.profiles().settings("p", Map.of("sandbox", "runc", "network", network)));
        Service service = Serialization.unmarshal(
                "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop, uid: s1, annotations: " + OWN
                        + "}\nspec: {type: " + type + ", ports: [{port: 80, protocol: TCP}]}",
                Service.class);
        return new ServiceSyncer()
                .decide(new TenantOnly<>(service), FixedView.of("runc").withProfiles(profiles));
    }
}
