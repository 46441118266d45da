package io.insula.syncer.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.node.v1.RuntimeClass;
import io.fabric8.kubernetes.api.model.node.v1.RuntimeClassBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.isolation.ProfileSettings;
import io.insula.isolation.TenantProfiles;
import io.insula.syncer.engine.Change;
import io.insula.syncer.engine.Change.ApplyToHost;
import io.insula.syncer.engine.Change.ApplyToTenant;
import io.insula.syncer.engine.Change.BindInTenant;
import io.insula.syncer.engine.Change.CreateOnHost;
import io.insula.syncer.engine.Change.DeleteFromTenant;
import io.insula.syncer.engine.Change.PatchTenant;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.engine.SyncEvent.TenantOnly;
import java.util.List;
import org.junit.jupiter.api.Test;

/// RuntimeClasses that a tenant made itself.
final class OwnRuntimeClassTest {

    private final PodSyncer syncer = new PodSyncer(Beans.profiles());
    private final FixedView view = FixedView.of("runc")
            .withProfiles(new TenantProfiles(settings("runc"), List.of(settings("kata"))))
            .withTenant(shown("kata", "kata-qemu"), own("quick", "kata-qemu"), own("other", "nowhere"));

    @Test
    void runsAPodInTheProfileThatHasTheHandler() {
        var changes = syncer.decide(new TenantOnly<>(pod("quick")), view);

        var host = (Pod) ((CreateOnHost) changes.getFirst()).wanted();
        assertThat(host.getSpec().getRuntimeClassName()).isEqualTo("kata");
        assertThat(host.getMetadata().getAnnotations()).containsEntry(InsulaLabels.PROFILE, "kata");
    }

    @Test
    void leavesAPodOfAHandlerThatNobodyHasPendingAndSaysWhy() {
        var changes = syncer.decide(new TenantOnly<>(pod("other")), view);

        assertThat(changes).noneMatch(each -> each instanceof CreateOnHost || each instanceof ApplyToHost);
        assertThat(told(changes)).contains("no isolation profile of this cluster has the handler \"nowhere\"");
        assertThat(changes.stream()
                        .filter(PatchTenant.class::isInstance)
                        .map(each -> ((PatchTenant) each)
                                .patch()
                                .at("/status/conditions/0/message")
                                .asText()))
                .singleElement()
                .asString()
                .contains("\"nowhere\" of RuntimeClass \"other\"");
    }

    /// Source: kubernetes, `test/e2e/node/runtimeclass.go`, "should reject a Pod requesting a RuntimeClass with an
    /// unconfigured handler": it gets a node, where its sandbox cannot be made.
    @Test
    void putsSuchAPodOnANodeWhereItsSandboxCannotBeMade() {
        var cluster = view.withTenant(node("n1", ""), node("n2", ", disk: ssd"))
                .withHost(node("n1", ""), node("n2", ", disk: ssd"));
        var pod = new PodBuilder(pod("other"))
                .editSpec()
                .addToNodeSelector("disk", "ssd")
                .endSpec()
                .build();

        assertThat(syncer.decide(new TenantOnly<>(pod), cluster))
                .singleElement()
                .isEqualTo(new BindInTenant(pod, "n2"));

        pod.getSpec().setNodeName("n2");
        var changes = syncer.decide(new TenantOnly<>(pod), cluster);
        assertThat(changes).noneMatch(each -> each instanceof CreateOnHost || each instanceof ApplyToHost);
        assertThat(told(changes)).contains("no runtime for \"nowhere\" is configured");
        var status = changes.stream()
                .filter(PatchTenant.class::isInstance)
                .map(each -> ((PatchTenant) each).patch().path("status"))
                .findFirst()
                .orElseThrow();
        assertThat(status.path("phase").asText()).isEqualTo("Pending");
        assertThat(status.at("/containerStatuses/0/state/waiting/reason").asText())
                .isEqualTo("ContainerCreating");

        pod.setStatus(Serialization.unmarshal(status.toString(), PodStatus.class));
        assertThat(syncer.decide(new TenantOnly<>(pod), cluster))
                .as("said once")
                .isEmpty();

        pod.getMetadata().setDeletionTimestamp("2026-01-01T00:00:00Z");
        assertThat(syncer.decide(new TenantOnly<>(pod), cluster))
                .singleElement()
                .isInstanceOf(DeleteFromTenant.class);
    }

    /// Not a way to have a pod on a node that the tenant is not shown, or past its own cordon.
    @Test
    void putsNoSuchPodWhereNoneMayBe() {
        var away = view.withTenant(node("n1", "")).withHost(node("n1", ""));
        var pod = new PodBuilder(pod("other"))
                .editSpec()
                .withNodeName("hosts-own")
                .endSpec()
                .build();

        assertThat(syncer.decide(new TenantOnly<>(pod), away)).noneMatch(BindInTenant.class::isInstance);
        assertThat(told(syncer.decide(new TenantOnly<>(pod), away))).contains("is no node of this cluster");

        var cordoned = node("n1", "");
        cordoned.getSpec().setUnschedulable(true);
        assertThat(syncer.decide(
                        new TenantOnly<>(pod("other")),
                        view.withTenant(cordoned).withHost(node("n1", ""))))
                .noneMatch(BindInTenant.class::isInstance);
    }

    private static Node node(String name, String labels) {
        return Serialization.unmarshal(
                "apiVersion: v1\nkind: Node\nmetadata: {name: " + name + ", labels: {" + InsulaLabels.MANAGED_BY + ": "
                        + InsulaLabels.SYNCER + labels + "}}\nspec: {}\nstatus: {}",
                Node.class);
    }

    /// A class of that name may be anything in the tenant: the profile's name has a meaning.
    @Test
    void isNotDeceivedByAClassWithTheNameOfAProfile() {
        var deceived = FixedView.of("runc")
                .withProfiles(new TenantProfiles(settings("runc"), List.of(settings("kata"))))
                .withTenant(own("kata", "runc"), own("gvisor", "kata-qemu"));

        var host = (Pod) ((CreateOnHost)
                        syncer.decide(new TenantOnly<>(pod("kata")), deceived).getFirst())
                .wanted();
        assertThat(host.getSpec().getRuntimeClassName()).isEqualTo("kata");
        assertThat(told(syncer.decide(new TenantOnly<>(pod("gvisor")), deceived)))
                .as("not allowed here, and nothing of the host's has been shown")
                .contains("no isolation profile");
    }

    /// The API takes it; nothing of it comes to the host.
    @Test
    void saysThatAnInlineVolumeOfADriverIsNotCarriedOver() {
        var pod = new PodBuilder(pod(null))
                .editSpec()
                .addNewVolume()
                .withName("v")
                .withNewCsi()
                .withDriver("d.example.com")
                .endCsi()
                .endVolume()
                .endSpec()
                .build();

        var changes = syncer.decide(new TenantOnly<>(pod), view);

        assertThat(changes).noneMatch(each -> each instanceof CreateOnHost || each instanceof ApplyToHost);
        assertThat(told(changes)).isEqualTo("spec.volumes[0]: only API content, claims and images can be mounted");
    }

    private static String told(List<Change> changes) {
        return changes.stream()
                .filter(ApplyToTenant.class::isInstance)
                .map(each -> ((io.fabric8.kubernetes.api.model.Event) ((ApplyToTenant) each).wanted()).getMessage())
                .findFirst()
                .orElse("");
    }

    private static ProfileSettings settings(String sandbox) {
        return Beans.settings(sandbox);
    }

    private static HasMetadata shown(String name, String handler) {
        return new RuntimeClassBuilder(own(name, handler))
                .editMetadata()
                .addToLabels(InsulaLabels.MANAGED_BY, InsulaLabels.SYNCER)
                .endMetadata()
                .build();
    }

    private static RuntimeClass own(String name, String handler) {
        return new RuntimeClassBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .withHandler(handler)
                .build();
    }

    private static Pod pod(@org.jspecify.annotations.Nullable String runtimeClass) {
        return new PodBuilder()
                .withNewMetadata()
                .withName("web")
                .withNamespace("shop")
                .withUid("u1")
                .endMetadata()
                .withNewSpec()
                .withRuntimeClassName(runtimeClass)
                .addNewContainer()
                .withName("c")
                .withImage("nginx")
                .endContainer()
                .endSpec()
                .build();
    }
}
