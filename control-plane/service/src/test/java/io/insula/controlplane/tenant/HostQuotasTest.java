package io.insula.controlplane.tenant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.scheduling.v1.PriorityClass;
import io.fabric8.kubernetes.api.model.scheduling.v1.PriorityClassBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.insula.reconcile.Outcome.Settled;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What the syncer's credential cannot take more of: a tenant's quota, those of its profiles, and their priorities.
class HostQuotasTest extends WalledHost {

    @Test
    void takesNothingMoreThanTheTenantsQuota() {
        var small = tenant("small");
        var limits = TenantLimits.of(Map.of("pods", 1, "services.nodeports", "1"), List.of());
        assertThat(namespaces.ensure(
                        small,
                        () -> new ProfileSource.Choice(
                                new ProfileSource.Profile("runc", PROFILES.getOrDefault("runc", Map.of())),
                                List.of(),
                                limits)))
                .isInstanceOf(Settled.class);
        awaitReady("insula-small");
        stolen.resource(hostPod("runc")).inNamespace("insula-small").create();

        var second = hostPod("runc");
        second.getMetadata().setName("second");
        assertThatThrownBy(() ->
                        stolen.resource(second).inNamespace("insula-small").create())
                .hasMessageContaining("exceeded quota: insula, requested: ")
                .hasMessageContaining("pods=1");
    }

    /// Each profile's pods by themselves, though all are in one namespace.
    @Test
    void takesNothingMoreThanTheQuotaOfEachProfile() {
        var few = Map.<String, Object>of("sandbox", "runc", "quota", Map.of("pods", 1));
        var cpu = Map.<String, Object>of("sandbox", "gvisor", "quota", Map.of("limits.cpu", "500m"));
        assertThat(namespaces.ensure(
                        tenant("divided"),
                        () -> new ProfileSource.Choice(
                                new ProfileSource.Profile("strict", PROFILES.getOrDefault("strict", Map.of())),
                                List.of(
                                        new ProfileSource.Profile("runc", few),
                                        new ProfileSource.Profile("gvisor", cpu)))))
                .isInstanceOf(Settled.class);
        awaitReady("insula-divided");
        awaitQuota("insula-divided", "insula-profile-runc");
        awaitQuota("insula-divided", "insula-profile-gvisor");
        for (var profile : List.of("runc", "gvisor", "strict")) {
            createIn("insula-divided", named(hostPod(profile), profile + "-1"));
        }

        assertThatThrownBy(() -> createIn("insula-divided", named(hostPod("runc"), "runc-2")))
                .hasMessageContaining("exceeded quota: insula-profile-runc, requested: pods=1");
        assertThatThrownBy(() -> createIn("insula-divided", named(hostPod("gvisor"), "gvisor-2")))
                .hasMessageContaining("exceeded quota: insula-profile-gvisor, requested: limits.cpu=400m");
        var disguised = named(hostPod("runc"), "runc-3");
        disguised.getSpec().setPriorityClassName(settings("strict").priorityClassName());
        assertThatThrownBy(() -> createIn("insula-divided", disguised))
                .as("counted as another profile's")
                .hasMessageContaining("spec.priorityClassName: must be");
        assertThatCode(() -> createIn("insula-divided", named(hostPod("strict"), "strict-2")))
                .as("of a profile without a quota")
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> stolen.resource(priorityClass("mine")).create())
                .as("a class of its own")
                .isInstanceOfSatisfying(
                        KubernetesClientException.class,
                        e -> assertThat(e.getCode()).isEqualTo(403));
    }

    @Test
    void takesAwayTheQuotaOfAProfileThatHasNoneAnyMore() {
        var few = new ProfileSource.Profile("runc", Map.of("sandbox", "runc", "quota", Map.of("pods", 1)));
        namespaces.ensure(tenant("freed"), () -> new ProfileSource.Choice(few, List.of()));
        var quotas = host.client().resourceQuotas().inNamespace("insula-freed");
        assertThat(quotas.withName("insula-profile-runc").get()).isNotNull();

        namespaces.ensure(tenant("freed"), () -> choice("runc"));

        assertThat(quotas.list().getItems())
                .extracting(quota -> quota.getMetadata().getName())
                .containsExactly("insula");
    }

    @Test
    void keepsTheLimitRangeWhileAProfileHasOne() {
        namespaces.ensure(tenant("ranged"), () -> choice("bounded"));
        var ranges = host.client().limitRanges().inNamespace("insula-ranged");
        var before = ranges.withName("insula").get();
        assertThat(before.getSpec().getLimits()).hasSize(2);
        assertThatThrownBy(() -> stolen.limitRanges()
                        .inNamespace("insula-ranged")
                        .withName("insula")
                        .delete())
                .isInstanceOf(KubernetesClientException.class);

        namespaces.ensure(tenant("ranged"), () -> choice("bounded"));
        assertThat(ranges.withName("insula").get().getMetadata().getResourceVersion())
                .as("what stands is not written again")
                .isEqualTo(before.getMetadata().getResourceVersion());
        ranges.withName("insula").edit(range -> {
            range.getSpec().getLimits().removeLast();
            return range;
        });
        namespaces.ensure(tenant("ranged"), () -> choice("bounded"));
        assertThat(ranges.withName("insula").get().getSpec()).isEqualTo(before.getSpec());

        namespaces.ensure(tenant("ranged"), () -> choice("bounded", "runc"));
        assertThat(ranges.list().getItems()).as("runc has none").isEmpty();
    }

    /// Tenants' pods are neither more nor less than those that name no class.
    @Test
    void givesEveryProfileThePriorityOfTheHostsDefault() {
        var classes = host.client().resources(PriorityClass.class);
        var standard = priorityClass("usual");
        standard.setGlobalDefault(true);
        standard.setValue(100);
        host.client().resource(standard).create();
        namespaces.policies().lookAgain();
        namespaces.ensure(tenant("ranked"), () -> choice("kept"));

        assertThat(classes.withName("insula-profile-kept").get().getValue()).isEqualTo(100);
        classes.withName("usual").delete();
        namespaces.policies().lookAgain();
        namespaces.ensure(tenant("ranked"), () -> choice("kept"));

        assertThat(classes.withName("insula-profile-kept").get().getValue()).isZero();
    }

    /// Who comes first on the host is said by the profile, and what comes first counts for its quota all the same.
    @Test
    void givesPrioritiesThatCountForTheQuota() {
        host.client().resource(priorityClass("urgent")).create();
        var never = priorityClass("patient");
        never.setPreemptionPolicy("Never");
        host.client().resource(never).create();
        var profile = Map.<String, Object>of(
                "sandbox",
                "runc",
                "quota",
                Map.of("pods", 2),
                "priorityClasses",
                Map.of("allowed", List.of(Map.of("host", "urgent"), Map.of("host", "patient"))));
        var other = Map.<String, Object>of(
                "sandbox", "gvisor", "priorityClasses", Map.of("allowed", List.of(Map.of("host", "urgent"))));
        var both = new ProfileSource.Choice(
                new ProfileSource.Profile("first", profile), List.of(new ProfileSource.Profile("second", other)));
        namespaces.policies().lookAgain();
        assertThat(namespaces.ensure(tenant("hasty"), () -> both)).isInstanceOf(Settled.class);
        awaitReady("insula-hasty");
        awaitQuota("insula-hasty", "insula-profile-first");
        var classes = host.client().resources(PriorityClass.class);
        assertThat(classes.withName("insula-priority-first.urgent").get())
                .satisfies(each -> assertThat(each.getValue()).isEqualTo(1000))
                .satisfies(each -> assertThat(each.getPreemptionPolicy()).isEqualTo("PreemptLowerPriority"));
        assertThat(classes.withName("insula-priority-first.patient").get().getPreemptionPolicy())
                .isEqualTo("Never");

        for (var stolenFrom : List.of(
                "urgent",
                "patient",
                "insula-priority-second.urgent",
                "insula-profile-second",
                "system-node-critical")) {
            assertThatThrownBy(() -> createIn("insula-hasty", first("bad", stolenFrom)))
                    .as(stolenFrom)
                    .hasMessageContaining("spec.priorityClassName: must be");
        }
        createIn("insula-hasty", first("urgent", "insula-priority-first.urgent"));
        createIn("insula-hasty", first("usual", "insula-profile-first"));
        assertThatThrownBy(() -> createIn("insula-hasty", first("patient", "insula-priority-first.patient")))
                .as("by another class than the others")
                .hasMessageContaining("exceeded quota: insula-profile-first, requested: pods=1");

        // what it does not give any more still runs
        var without = new ProfileSource.Choice(
                new ProfileSource.Profile("first", Map.of("sandbox", "runc", "quota", Map.of("pods", 2))), List.of());
        namespaces.ensure(tenant("hasty"), () -> without);
        awaitQuota("insula-hasty", "insula-profile-first");
        assertThatThrownBy(() -> createIn("insula-hasty", first("bad", "insula-priority-first.urgent")))
                .hasMessageContaining("spec.priorityClassName: must be \"insula-profile-first\"");
        assertThatThrownBy(() -> createIn("insula-hasty", first("third", "insula-profile-first")))
                .hasMessageContaining("exceeded quota: insula-profile-first");

        // nothing is like what is not there
        classes.withName("urgent").delete();
        namespaces.policies().lookAgain();
        namespaces.ensure(tenant("hasty"), () -> both);
        assertThat(classes.withName("insula-priority-first.urgent").get()).isNull();
        assertThat(classes.withName("insula-priority-first.patient").get()).isNotNull();
    }

    private static Pod first(String name, String priorityClass) {
        var pod = named(hostPod("runc"), name);
        pod.getMetadata().setAnnotations(Map.of("insula.io/profile", "first"));
        pod.getSpec().setPriorityClassName(priorityClass);
        return pod;
    }

    private static PriorityClass priorityClass(String name) {
        return new PriorityClassBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .withValue(1000)
                .build();
    }
}
