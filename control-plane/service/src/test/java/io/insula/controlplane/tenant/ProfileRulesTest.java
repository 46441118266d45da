package io.insula.controlplane.tenant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.isolation.TenantProfiles;
import io.insula.syncer.kinds.Beans;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProfileRulesTest {

    private static final List<String> PROFILES = List.of("runc", "kubevirt");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{containers: [{name: c, image: i, securityContext: {privileged: true}}]} | true",
                "{containers: [{name: c, image: i}], initContainers: [{name: d, image: i, securityContext: {privileged: true}}]} | true",
                "{containers: [{name: c, image: i, securityContext: {privileged: false}}]} | false",
                "{containers: [{name: c, image: i}]} | false"
            })
    void chooseByWhatAPodNeeds(String spec, boolean chosen) {
        var rules = read("(object.spec.containers + object.spec.?initContainers.orValue([]))"
                + ".exists(c, c.?securityContext.privileged.orValue(false))");

        assertThat(profiles(rules).ruled(pod(spec))).isEqualTo(chosen ? "kubevirt" : "");
    }

    @Test
    void areNotToldOfWhatAPodHasNot() {
        var rules = read("object.spec.nodeSelector.disk == 'ssd'");

        assertThat(profiles(rules).ruled(pod("{containers: [], nodeSelector: {disk: ssd}}")))
                .isEqualTo("kubevirt");
        assertThatThrownBy(() -> rules.getFirst().condition().holds(pod("{containers: []}")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("nodeSelector");
    }

    /// One pod must not keep a tenant's API server busy.
    @Test
    void endWhereTheyCostTooMuch() {
        var rules = read("object.spec.containers.all(a, object.spec.containers.all(b, object.spec.containers.all(c,"
                + " object.spec.containers.all(d, a.name + b.name + c.name + d.name != 'x'))))");
        var many = String.join(", ", Collections.nCopies(100, "{name: c, image: i}"));

        assertThatThrownBy(() -> rules.getFirst().condition().holds(pod("{containers: [" + many + "]}")))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "object.spec. | profileRules[0].when",
                "object.spec.containers.size() | must evaluate to bool",
                "pod.spec.hostNetwork | undeclared reference",
                "' ' | profileRules[0].when"
            })
    void areRefusedWhereTheyDoNotCompile(String when, String told) {
        assertThatThrownBy(() -> read(when))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(told);
    }

    @Test
    void areOfTheTenantsProfiles() {
        assertThatThrownBy(() -> ProfileRules.read(List.of(Map.of("when", "true", "profile", "theirs")), PROFILES))
                .hasMessage("profileRules[0].profile: \"theirs\" (expected: one of the tenant's, runc, kubevirt)");
        assertThatThrownBy(() ->
                        ProfileRules.read(Collections.nCopies(17, Map.of("when", "true", "profile", "runc")), PROFILES))
                .hasMessageContaining("at most 16");
    }

    private record Chosen(TenantProfiles tenant) {
        String ruled(Pod pod) {
            return Beans.profiles().ruled(pod, tenant).orElse("");
        }
    }

    private static Chosen profiles(List<io.insula.isolation.ProfileRule> rules) {
        return new Chosen(new TenantProfiles(Beans.settings("runc"), List.of(Beans.settings("kubevirt")), rules));
    }

    private static List<io.insula.isolation.ProfileRule> read(String when) {
        return ProfileRules.read(List.of(Map.of("when", when, "profile", "kubevirt")), PROFILES);
    }

    private static Pod pod(String spec) {
        return Serialization.unmarshal(
                "apiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: shop}\nspec: " + spec, Pod.class);
    }
}
