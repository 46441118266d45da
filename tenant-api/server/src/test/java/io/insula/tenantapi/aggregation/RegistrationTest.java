package io.insula.tenantapi.aggregation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.aggregation.Registration.Change;
import io.insula.tenantapi.aggregation.Registration.Local;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.fake.FakeObjectClient;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RegistrationTest {

    private static final Local APPS = new Local("apps", "v1", false);
    private static final Local SHOES = new Local("example.com", "v1beta1", true);

    /// Source: kubernetes, `cmd/kube-apiserver/app/aggregator.go`, `pkg/controlplane/apiserver/aggregator.go`;
    /// `crdregistration` for custom ones.
    @ParameterizedTest
    @CsvSource({
        "'', v1, false, v1., 18000, 1, onstart",
        "apps, v1, false, v1.apps, 17800, 15, onstart",
        "autoscaling, v2, false, v2.autoscaling, 17500, 30, onstart",
        "resource.k8s.io, v1, false, v1.resource.k8s.io, 16200, 21, onstart",
        "flowcontrol.apiserver.k8s.io, v1, false, v1.flowcontrol.apiserver.k8s.io, 16100, 21, onstart",
        "discovery.k8s.io, v1, false, v1.discovery.k8s.io, 16200, 15, onstart",
        "example.com, v1beta1, true, v1beta1.example.com, 1000, 100, true"
    })
    void registersWhatIsServedWithUpstreamsPriorities(
            String group, String version, boolean custom, String name, int groupPriority, int priority, String label) {
        List<Change> changes = Registration.changes(List.of(new Local(group, version, custom)), List.of());

        ObjectNode created = ((Change.Create) changes.getFirst()).apiService();
        assertThat(changes).hasSize(1);
        assertThat(Meta.name(created)).isEqualTo(name);
        assertThat(created.at("/spec/groupPriorityMinimum").asInt()).isEqualTo(groupPriority);
        assertThat(created.at("/spec/versionPriority").asInt()).isEqualTo(priority);
        assertThat(Meta.labels(created)).containsEntry(Registration.AUTOMANAGED, label);
    }

    @Test
    void doesNothingWhenAllIsAsItShouldBe() {
        List<ObjectNode> present = Registration.changes(List.of(APPS, SHOES), List.of()).stream()
                .map(change -> ((Change.Create) change).apiService())
                .toList();

        assertThat(Registration.changes(List.of(APPS, SHOES), present)).isEmpty();
    }

    @Test
    void hasNoneOfItsOwnGroup() {
        assertThat(Registration.changes(List.of(new Local("apiregistration.k8s.io", "v1", false)), List.of()))
                .isEmpty();
    }

    @Test
    void takesAwayWhatItMadeForWhatIsNoLongerServed() {
        ObjectNode ours = apiService("v1beta1.example.com", "true", "");
        ObjectNode theirs = apiService("v1.metrics.k8s.io", "", "service: {namespace: d, name: api}");
        ObjectNode unlabelled = apiService("v1.local.example", "", "");

        assertThat(Registration.changes(List.of(), List.of(ours, theirs, unlabelled)))
                .containsExactly(new Change.Delete("v1beta1.example.com"));
    }

    @Test
    void setsRightWhatLeadsElsewhereAndKeepsWhoItIs() {
        ObjectNode stolen = apiService("v1.apps", "onstart", "service: {namespace: d, name: api}, caBundle: QUJD");

        ObjectNode right = ((Change.Replace)
                        Registration.changes(List.of(APPS), List.of(stolen)).getFirst())
                .apiService();

        assertThat(right.path("spec").has("service")).isFalse();
        assertThat(right.path("spec").has("caBundle")).isFalse();
        assertThat(Meta.resourceVersion(right)).isEqualTo("7");
    }

    @Test
    void leavesChangedPrioritiesToTheirAuthorsExceptOfCustomResources() {
        ObjectNode apps = apiService("v1.apps", "onstart", "groupPriorityMinimum: 5");
        ObjectNode shoes = apiService("v1beta1.example.com", "true", "groupPriorityMinimum: 5");

        assertThat(Registration.changes(List.of(APPS, SHOES), List.of(apps, shoes)))
                .singleElement()
                .isInstanceOfSatisfying(
                        Change.Replace.class,
                        change -> assertThat(change.apiService()
                                        .at("/spec/groupPriorityMinimum")
                                        .asInt())
                                .isEqualTo(1000));
    }

    private static ObjectNode apiService(String name, String label, String spec) {
        return FakeObjectClient.yaml("{metadata: {name: " + name + ", resourceVersion: '7'"
                + (label.isEmpty() ? "" : ", labels: {" + Registration.AUTOMANAGED + ": '" + label + "'}")
                + "}, spec: {" + spec + "}}");
    }
}
