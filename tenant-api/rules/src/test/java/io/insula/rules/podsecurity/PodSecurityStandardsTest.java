package io.insula.rules.podsecurity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.insula.rules.podsecurity.PodSecurityCases.Case;
import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PodSecurityStandardsTest {

    private static final PodSecurityStandards NEWEST =
            new PodSecurityStandards(new PodSecurityVersion(PodSecurityCases.NEWEST));

    static List<Case> cases() {
        return PodSecurityCases.all();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void saysOfEachPodWhatUpstreamSays(Case test) {
        var pod = JsonPods.facts(test.pod());

        for (var level : PodSecurityLevel.values()) {
            for (int minor = test.onlyFrom(); minor <= PodSecurityCases.NEWEST; minor++) {
                var violations = NEWEST.violations(level, new PodSecurityVersion(minor), pod);
                assertThat(violations)
                        .as("%s at v1.%d", level, minor)
                        .extracting(Violation::toString)
                        .containsExactlyElementsOf(test.at(minor).by(level));
                if (!test.fields().isEmpty() && !violations.isEmpty()) {
                    assertThat(violations)
                            .as("%s at v1.%d", level, minor)
                            .flatExtracting(Violation::fields)
                            .containsExactlyElementsOf(test.fields());
                }
            }
        }
    }

    @Test
    void hasCasesForEachCheckItsFieldsAndEachOfItsRevisions() {
        for (Check check : PodSecurityStandards.CHECKS) {
            var own = cases().stream()
                    .filter(test -> test.check().equals(check.id()))
                    .toList();
            assertThat(own)
                    .as("%s takes a pod", check.id())
                    .anyMatch(test -> test.said().by(check.level()).isEmpty());
            assertThat(own)
                    .as("%s names the fields of a pod that it refuses", check.id())
                    .anyMatch(test -> !test.said().by(check.level()).isEmpty()
                            && !test.fields().isEmpty());
            assertThat(own.stream().map(Case::from).collect(Collectors.toSet()))
                    .as("%s changes its mind", check.id())
                    .containsAll(check.revisions().stream()
                            .map(Check.Revision::since)
                            .toList());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"initContainers", "containers", "ephemeralContainers"})
    void holdsEveryContainerToTheLevel(String field) throws IOException {
        var pod = JsonPods.facts(PodSecurityCases.hardened(
                yaml("null"),
                yaml("{" + field
                        + ": [{name: x, securityContext: {privileged: true, allowPrivilegeEscalation: null}}]}")));

        assertThat(NEWEST.violations(PodSecurityLevel.RESTRICTED, PodSecurityVersion.LATEST, pod))
                .flatExtracting(Violation::fields)
                .containsExactly(
                        "spec." + field + "[0].securityContext.privileged",
                        "spec." + field + "[0].securityContext.allowPrivilegeEscalation");
    }

    /// As a server of that release does.
    @Test
    void takesNewerReleasesAndTheLatestForItsOwn() throws IOException {
        var pod = JsonPods.facts(PodSecurityCases.hardened(
                yaml("null"), yaml("{containers: [{name: c, livenessProbe: {tcpSocket: {host: a.example}}}]}")));
        var older = new PodSecurityStandards(new PodSecurityVersion(33));

        for (var label : List.of("latest", "v1.33", "v1.34", "v1.999999999")) {
            var version = PodSecurityVersion.of(label).orElseThrow();
            assertThat(older.violations(PodSecurityLevel.BASELINE, version, pod))
                    .as(label)
                    .isEmpty();
            assertThat(NEWEST.violations(PodSecurityLevel.BASELINE, version, pod))
                    .as(label)
                    .hasSize(label.equals("v1.33") ? 0 : 1);
        }
    }

    /// A tree that no schema has checked: somebody tries a spelling that one reader takes for true and another not.
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {hostNetwork: 'true'}                                                      | spec.hostNetwork
            {hostPID: 1}                                                               | spec.hostPID
            {hostIPC: {}}                                                              | spec.hostIPC
            {containers: [{name: c, securityContext: {privileged: 'yes'}}]}            | spec.containers[0].securityContext.privileged
            {containers: [{name: c, securityContext: {allowPrivilegeEscalation: 'false'}}]} | spec.containers[0].securityContext.allowPrivilegeEscalation
            {containers: [{name: c, securityContext: {runAsUser: '0'}}]}               | spec.containers[0].securityContext.runAsUser
            {containers: [{name: c, securityContext: {runAsUser: 0.0}}]}               | spec.containers[0].securityContext.runAsUser
            {securityContext: {runAsNonRoot: 'true'}}                                  | spec.securityContext.runAsNonRoot
            {securityContext: {seccompProfile: RuntimeDefault}}                        | spec.securityContext.seccompProfile.type
            {securityContext: {appArmorProfile: Unconfined}}                           | spec.securityContext.appArmorProfile.type
            {securityContext: {windowsOptions: {hostProcess: 'true'}}}                 | spec.securityContext.windowsOptions.hostProcess
            {containers: [{name: c, ports: [{hostPort: '80'}]}]}                       | spec.containers[0].ports[0].hostPort
            {containers: [{name: c, ports: [{hostPort: -1}]}]}                         | spec.containers[0].ports[0].hostPort
            {containers: [{name: c, readinessProbe: {httpGet: {host: [a]}}}]}          | spec.containers[0].readinessProbe.httpGet.host
            {volumes: [{name: v, emptyDir: {}, hostPath: {path: /}}]}                  | spec.volumes[0].hostPath
            {volumes: [{name: v, madeUp: {}}]}                                         | spec.volumes[0].madeUp
            """)
    void takesWhatItCannotReadForTheWorst(String spec, String field) throws IOException {
        var pod = JsonPods.facts(PodSecurityCases.hardened(yaml("null"), yaml(spec)));

        assertThat(NEWEST.violations(PodSecurityLevel.RESTRICTED, PodSecurityVersion.LATEST, pod))
                .flatExtracting(Violation::fields)
                .contains(field);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "v1", "1.34", "v1.034", "v2.0", "v1.-1", "v1.99999999999", "Latest", "v1.34 "})
    void readsNoVersionThatIsNone(String label) {
        assertThat(PodSecurityVersion.of(label)).isEmpty();
    }

    @Test
    void readsLevelsAndVersionsAsLabelsWriteThem() {
        for (var level : PodSecurityLevel.values()) {
            assertThat(PodSecurityLevel.of(level.label())).contains(level);
        }
        assertThat(PodSecurityLevel.of("Restricted")).isEmpty();
        assertThat(PodSecurityLevel.BASELINE.stricter(PodSecurityLevel.PRIVILEGED))
                .isEqualTo(PodSecurityLevel.BASELINE);
        for (var label : List.of("latest", "v1.0", "v1.34")) {
            assertThat(PodSecurityVersion.of(label).orElseThrow().label()).isEqualTo(label);
        }
        assertThatThrownBy(() -> new PodSecurityVersion(-1)).hasMessageContaining("minor: -1");
    }

    private static JsonNode yaml(String text) throws IOException {
        return new YAMLMapper().readTree(text);
    }
}
