package io.insula.syncer.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.syncer.engine.Change;
import io.insula.syncer.engine.Change.BindInTenant;
import io.insula.syncer.engine.Change.PatchTenant;
import io.insula.syncer.engine.SyncEvent.Paired;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What of the host's status is written in the tenant: nothing that the binding says, and nothing less than what is so.
class HostStatusTest {

    private static final FixedView VIEW = FixedView.of("runc");
    private static final String SCHEDULED = "{type: PodScheduled, status: 'True', lastTransitionTime: '%s'}";
    private static final String HOSTS = SCHEDULED.formatted("2026-01-01T00:00:01Z");
    private static final String OURS = SCHEDULED.formatted("2026-01-01T00:00:02Z");
    private static final String UNSCHEDULABLE = "{type: PodScheduled, status: 'False', reason: Unschedulable}";
    private static final String NOT_READY = "{type: Ready, status: 'False'}";
    private static final String READY = "{type: Ready, status: 'True'}";
    private final PodSyncer syncer = new PodSyncer(Beans.profiles());

    /// @param tenant node and status of the tenant's pod
    /// @param host the same of the host's
    record Case(String name, String tenant, String host, List<Class<? extends Change>> want) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> cases() {
        String bound = pod("n1", "Pending", HOSTS);
        return Stream.of(
                new Case("just bound", pod("", "Pending", ""), bound, List.of(BindInTenant.class)),
                new Case("bound at last", pod("", "Pending", UNSCHEDULABLE), bound, List.of(BindInTenant.class)),
                new Case("said by the binding", pod("n1", "Pending", OURS), bound, List.of()),
                new Case(
                        "bound and more",
                        pod("", "Pending", ""),
                        pod("n1", "Pending", HOSTS + ", " + NOT_READY),
                        List.of(BindInTenant.class, PatchTenant.class)),
                new Case(
                        "more after the binding",
                        pod("n1", "Pending", OURS),
                        pod("n1", "Pending", HOSTS + ", " + NOT_READY),
                        List.of(PatchTenant.class)),
                new Case(
                        "the host's is a new one, the tenant's says that it runs",
                        pod("n1", "Running", OURS + ", " + READY),
                        bound,
                        List.of(PatchTenant.class)),
                new Case(
                        "the tenant's says more than is so",
                        pod("n1", "Pending", OURS + ", " + READY),
                        bound,
                        List.of(PatchTenant.class)),
                new Case(
                        "bound, but said not to be",
                        pod("n1", "Pending", UNSCHEDULABLE),
                        bound,
                        List.of(PatchTenant.class)),
                new Case(
                        "not bound, and why",
                        pod("", "Pending", ""),
                        pod("", "Pending", UNSCHEDULABLE),
                        List.of(PatchTenant.class)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void tellsOnceOfANode(Case each) {
        Pod tenant = Serialization.unmarshal(each.tenant(), Pod.class);
        Pod host = Serialization.unmarshal(each.host(), Pod.class);
        host.getMetadata().setNamespace("insula-acme");

        assertThat(syncer.decide(new Paired<>(tenant, host), VIEW))
                .filteredOn(change -> change instanceof BindInTenant || change instanceof PatchTenant)
                .extracting(change -> (Object) change.getClass())
                .isEqualTo(List.copyOf(each.want()));
    }

    private static String pod(String node, String phase, String conditions) {
        return """
                metadata: {name: web, namespace: shop, uid: u1}
                spec: {nodeName: '%s', containers: [{name: c, image: i}]}
                status: {phase: %s, qosClass: Burstable, conditions: [%s]}
                """.formatted(node, phase, conditions);
    }
}
