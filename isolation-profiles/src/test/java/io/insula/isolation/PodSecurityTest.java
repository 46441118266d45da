package io.insula.isolation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Volume;
import io.insula.rules.podsecurity.JsonPods;
import io.insula.rules.podsecurity.PodSecurityCases;
import io.insula.rules.podsecurity.PodSecurityCases.Case;
import io.insula.rules.podsecurity.PodSecurityLevel;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// The host's side of the standards is judged by the same cases as the tenant's, read in its own way.
class PodSecurityTest {

    /// What tenants are served, and what a host has at least.
    private static final int RELEASE = 34;

    static List<Case> cases() {
        return PodSecurityCases.all();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void readsFromTypedPodsWhatIsReadFromTheirTrees(Case test) {
        assertThat(TypedPods.facts(typed(test.pod()), HostPorts.NONE)).isEqualTo(JsonPods.facts(test.pod()));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void namesEachFieldInTheWordsOfTheTenantsAdmission(Case test) {
        for (var level : PodSecurityLevel.values()) {
            var violations = PodSecurity.of(typed(test.pod())).violations(level);
            assertThat(violations)
                    .as(level.label())
                    .extracting(FieldViolation::message)
                    .hasSameElementsAs(test.at(RELEASE).by(level));
            if (!test.fields().isEmpty() && !violations.isEmpty()) {
                assertThat(violations)
                        .as(level.label())
                        .extracting(FieldViolation::field)
                        .containsExactlyElementsOf(test.fields());
            }
        }
    }

    @Test
    void knowsEveryTypeOfVolumeThatTheModelHas() {
        var fields = Arrays.stream(Volume.class.getDeclaredFields())
                .filter(field -> field.getType().getPackageName().equals("io.fabric8.kubernetes.api.model"))
                .map(java.lang.reflect.Field::getName)
                .toList();
        assertThat(fields).hasSizeGreaterThan(20);
        for (var field : fields) {
            var volume = Yaml.read("{name: v, " + field + ": {}}", Volume.class);
            assertThat(VolumeKinds.types(volume)).as(field).containsExactly(field);
        }
        assertThat(VolumeKinds.types(Yaml.read("{name: v, madeUp: {a: b}}", Volume.class)))
                .containsExactly("madeUp");
    }

    /// An empty pod, and one without a spec at all, must not fail the judge.
    @ParameterizedTest
    @EnumSource(PodSecurityLevel.class)
    void judgesPodsThatSayNothing(PodSecurityLevel level) {
        assertThat(PodSecurity.of(new Pod()).violations(level)).isEmpty();
    }

    private static Pod typed(JsonNode pod) {
        return Yaml.pod(pod.toString());
    }
}
