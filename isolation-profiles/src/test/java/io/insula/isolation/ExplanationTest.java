package io.insula.isolation;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.insula.isolation.HostWorkload.Unsupported;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Which profile a pod gets, and the reason that is given. The tenant's standard is `strict`, which falls back to
/// `machine`; it may also ask for `kata`.
class ExplanationTest {

    private final Profiles profiles = Beans.profiles();
    private final TenantProfiles tenant = new TenantProfiles(
            profiles.settings(
                    "strict", Map.of("sandbox", "runc", "podSecurity", "restricted", "fallbacks", List.of("machine"))),
            List.of(
                    profiles.settings("machine", Map.of("sandbox", "kubevirt", "podSecurity", "privileged")),
                    profiles.settings("kata", Map.of("sandbox", "kata"))));

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{} | RESTRICTED | strict | it is the tenant's standard profile, and the pod asks for none",
                "{annotations: {insula.io/isolation-profile: kata}} | | kata | metadata.annotations[insula.io/isolation-profile] asks for it",
                "{labels: {insula.io/isolation-profile: kata}} | | kata | metadata.labels[insula.io/isolation-profile] asks for it",
                "{} | runtimeClassName: kata | kata | spec.runtimeClassName \"kata\" asks for it",
                "{} | runtimeClassName: machine | machine | spec.runtimeClassName \"machine\" asks for it",
                "{} | runtimeClassName: gvisor | strict | the pod asks for what the tenant has not got",
                "{labels: {insula.io/isolation-profile: gvisor}} | | strict | the pod asks for what the tenant has not got",
                "{} | PRIVILEGED | machine | the first fallback of the tenant's standard profile \"strict\" that can run the pod, as that cannot (spec.containers[0].securityContext.privileged: a privileged container owns the node; a kubevirt profile can run it)",
            })
    void saysWhy(String metadata, String spec, String profile, String why) {
        Pod pod = pod(metadata, spec == null ? "" : spec);

        var explanation = profiles.explain(pod, tenant);

        assertThat(explanation.answer().profile()).isEqualTo(profile);
        assertThat(explanation.why()).isEqualTo(why);
        assertThat(explanation.answer()).as("what is done").isEqualTo(profiles.translate(pod, tenant));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "RESTRICTED | fits fits fits",
                "PRIVILEGED | spec.containers[0].securityContext.privileged fits spec.containers[0].securityContext.privileged",
                "activeDeadlineSeconds: 5 | spec.containers[0].securityContext spec.activeDeadlineSeconds fits",
            })
    void saysWhatEachProfileRefuses(String spec, String fields) {
        var verdicts = profiles.explain(pod("{}", spec), tenant).all().stream()
                .map(each -> each.workload() instanceof Unsupported(var field, var _) ? field : "fits")
                .toList();

        var wanted = List.of(fields.split(" "));
        assertThat(verdicts).hasSameSizeAs(wanted);
        for (int i = 0; i < wanted.size(); i++) {
            assertThat(verdicts.get(i)).startsWith(wanted.get(i));
        }
    }

    private static Pod pod(String metadata, String spec) {
        String context = switch (spec) {
            case "RESTRICTED" ->
                ", securityContext: {allowPrivilegeEscalation: false, runAsNonRoot: true, capabilities: {drop: [ALL]},"
                        + " seccompProfile: {type: RuntimeDefault}}";
            case "PRIVILEGED" -> ", securityContext: {privileged: true}";
            default -> "";
        };
        String more = spec.isEmpty() || spec.equals("RESTRICTED") || spec.equals("PRIVILEGED") ? "" : ", " + spec;
        return Yaml.read(
                "{apiVersion: v1, kind: Pod, metadata: {name: p"
                        + metadata.replaceFirst("\\{(.+)", ", $1").replace("{}", "}")
                        + ", spec: {containers: [{name: c, image: i"
                        + context + "}]" + more + "}}",
                Pod.class);
    }
}
