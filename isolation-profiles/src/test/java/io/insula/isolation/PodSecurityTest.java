package io.insula.isolation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Where the standards are easily misread. Source: Kubernetes documentation, "Pod Security Standards".
class PodSecurityTest {

    private static final String RESTRICTED = "runAsNonRoot: true, allowPrivilegeEscalation: false,"
            + " capabilities: {drop: [ALL]}, seccompProfile: {type: RuntimeDefault}";

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
            runtime/default | -
            localhost/x     | -
            ''              | -
            unconfined      | metadata.annotations[container.apparmor.security.beta.kubernetes.io/c]
            """)
    void readsTheAnnotationsOfAppArmor(String value, String field) {
        var pod = Yaml.pod("metadata: {name: a, annotations:"
                + " {container.apparmor.security.beta.kubernetes.io/c: '" + value + "'}}\n"
                + "spec: {containers: [{name: c, image: i}]}");

        assertThat(PodSecurity.violations(pod, PodSecurityLevel.BASELINE))
                .extracting(FieldViolation::field)
                .isEqualTo(field == null ? java.util.List.of() : java.util.List.of(field));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
            linux   | runAsNonRoot: true                                             | 3
            windows | runAsNonRoot: true                                             | 0
            windows | -                                                              | 1
            linux   | seccompProfile: {type: ''}                                     | 5
            """)
    void asksOfWindowsOnlyWhatMeansSomethingThere(String os, String context, int violations) {
        var pod = Yaml.pod("metadata: {name: a}\nspec: {os: {name: " + os + "}, containers: [{name: c, image: i"
                + (context == null ? "" : ", securityContext: {" + context + "}") + "}]}");

        assertThat(PodSecurity.violations(pod, PodSecurityLevel.RESTRICTED)).hasSize(violations);
    }

    @ParameterizedTest
    @CsvSource({"initContainers", "ephemeralContainers"})
    void holdsEveryContainerToTheLevel(String field) {
        var restricted = "{name: c, image: i, securityContext: {" + RESTRICTED + "}}";
        var pod = Yaml.pod(
                "metadata: {name: a}\nspec: {containers: [" + restricted + "], " + field + ": [{name: d, image: i}]}");

        assertThat(PodSecurity.violations(pod, PodSecurityLevel.RESTRICTED))
                .hasSize(4)
                .allMatch(violation -> violation.field().startsWith("spec." + field + "[0]"));
    }
}
