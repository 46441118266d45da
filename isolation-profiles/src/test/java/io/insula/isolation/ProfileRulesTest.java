package io.insula.isolation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Pod;
import io.insula.isolation.HostWorkload.HostPod;
import io.insula.isolation.HostWorkload.HostVirtualMachine;
import io.insula.isolation.HostWorkload.Unsupported;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Which profile a pod gets by what it needs.
class ProfileRulesTest {

    private static final ProfileRule BIG =
            new ProfileRule("big", pod -> pod.getSpec().getContainers().size() > 1, "kubevirt");
    private static final ProfileRule NAMED =
            new ProfileRule("named", pod -> pod.getMetadata().getName().startsWith("db"), "gvisor");
    private static final ProfileRule BROKEN = new ProfileRule(
            "broken",
            _ -> {
                throw new IllegalArgumentException("no such key: x");
            },
            "gvisor");
    private static final ProfileRule STRANGE = new ProfileRule("strange", _ -> true, "theirs");

    private static final Pod WEB = pod("web", "", "{name: c, image: i}");
    private static final Pod DB = pod("db", "", "{name: c, image: i}");
    private static final Pod TWO = pod("db2", "", "{name: c, image: i}, {name: d, image: i}");

    @Test
    void theFirstThatMeansThePodDecides() {
        var tenant = tenant(BIG, NAMED);

        assertThat(translated(WEB, tenant).profile()).isEqualTo("runc");
        assertThat(translated(DB, tenant).profile()).isEqualTo("gvisor");
        assertThat(translated(DB, tenant).workload()).isInstanceOf(HostPod.class);
        assertThat(translated(TWO, tenant).profile()).isEqualTo("kubevirt");
        assertThat(translated(TWO, tenant).workload()).isInstanceOf(HostVirtualMachine.class);
        assertThat(translated(TWO, tenant(NAMED, BIG)).profile()).isEqualTo("gvisor");
        assertThat(Beans.profiles().explain(DB, tenant).why()).isEqualTo("the tenant's rule \"named\" chooses it");
    }

    @Test
    void whoAsksGetsWhatItAsksFor() {
        var asking = pod("db", "labels: {insula.io/isolation-profile: kubevirt}, ", "{name: c, image: i}");

        assertThat(translated(asking, tenant(NAMED)).profile()).isEqualTo("kubevirt");
        assertThat(Beans.profiles().ruled(asking, tenant(NAMED))).isEmpty();
        assertThat(Beans.profiles().ruled(DB, tenant(NAMED))).contains("gvisor");
    }

    /// A rule that is passed over would leave the pod in the standard profile, which may be the weakest.
    @Test
    void refusesAPodOfWhichARuleCannotBeTold() {
        assertThat(translated(WEB, tenant(BROKEN)).workload())
                .isEqualTo(new Unsupported("spec", "the rule \"broken\" cannot be told of it: no such key: x"));
        assertThat(translated(DB, tenant(NAMED, BROKEN)).profile())
                .as("decided before")
                .isEqualTo("gvisor");
        assertThatThrownBy(() -> Beans.profiles().ruled(WEB, tenant(BROKEN)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the rule \"broken\" cannot be told of it");
        assertThat(translated(DB, tenant(NAMED).withoutRules()).profile()).isEqualTo("runc");
    }

    /// A rule gives nothing that the tenant has not got.
    @Test
    void refusesAProfileThatIsNotTheTenants() {
        assertThat(translated(WEB, tenant(STRANGE)).workload())
                .isInstanceOfSatisfying(
                        Unsupported.class,
                        refused -> assertThat(refused.message())
                                .contains("\"theirs\" is not an isolation profile of this cluster"));
    }

    @Test
    void holdForAnotherStateOfAProfileToo() {
        var changed = Beans.profiles().settings("gvisor", Map.of("sandbox", "gvisor", "pidsLimit", 5));

        assertThat(translated(DB, tenant(NAMED).with(changed)).profile()).isEqualTo("gvisor");
        assertThat(tenant(NAMED).with(changed).hostAnnotations("gvisor")).containsValue("5");
    }

    private static Translation translated(Pod pod, TenantProfiles tenant) {
        return Beans.profiles().translate(pod, tenant);
    }

    private static TenantProfiles tenant(ProfileRule... rules) {
        return new TenantProfiles(settings("runc"), List.of(settings("gvisor"), settings("kubevirt")), List.of(rules));
    }

    private static ProfileSettings settings(String sandbox) {
        return Beans.profiles().settings(sandbox, Map.of("sandbox", sandbox));
    }

    private static Pod pod(String name, String meta, String containers) {
        return Yaml.pod("metadata: {" + meta + "name: " + name + ", namespace: shop}\nspec: {containers: [" + containers
                + "]}");
    }
}
