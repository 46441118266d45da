package io.insula.isolation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProfileVersionTest {

    private static final String SPEC =
            "{sandbox: gvisor, overhead: {cpu: 1, memory: 64Mi}, nodePool: {selector: {a: b, c: d}}}";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{nodePool: {selector: {c: d, a: b}}, overhead: {memory: 64Mi, cpu: 1}, sandbox: gvisor}",
                "{sandbox: gvisor, overhead: {cpu: '1', memory: 64Mi}, nodePool: {selector: {a: b, c: d}}}",
                "{sandbox: gvisor, overhead: {cpu: 1, memory: 64Mi}, nodePool: {selector: {a: b, c: d}}, quota: {pods: 3},"
                        + " network: {egress: tenant}, podSecurity: restricted, placement: any, fallbacks: [x]}"
            })
    void isTheSameWherePodsAre(String spec) {
        assertThat(version(spec)).isEqualTo(version(SPEC)).matches("[0-9a-f]{10}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{sandbox: runc}",
                "{sandbox: gvisor, overhead: {cpu: 2, memory: 64Mi}, nodePool: {selector: {a: b, c: d}}}",
                "{sandbox: gvisor, overhead: {cpu: 1, memory: 64Mi}, nodePool: {selector: {a: b}}}",
                "{sandbox: gvisor, overhead: {cpu: 1, memory: 64Mi}, nodePool: {selector: {a: b, c: d}}, pidsLimit: 7}",
                "{sandbox: gvisor, overhead: {cpu: 1, memory: 64Mi}, nodePool: {selector: {a: b, c: d}}, userNamespaces: true}"
            })
    void isAnotherWherePodsAre(String spec) {
        assertThat(version(spec)).isNotEqualTo(version(SPEC));
    }

    @Test
    void isSaidToTheHost() {
        var settings = Beans.profiles().settings("p", Yaml.tree(SPEC));

        assertThat(TenantProfiles.only(settings).hostAnnotations("p"))
                .containsEntry(HostPolicy.PROFILE_VERSION, settings.version());
    }

    private static String version(String spec) {
        return Beans.profiles().settings("p", Yaml.tree(spec)).version();
    }
}
