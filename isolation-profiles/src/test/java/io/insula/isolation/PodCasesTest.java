package io.insula.isolation;

import static org.assertj.core.api.Assertions.assertThat;

import io.insula.isolation.HostWorkload.HostPod;
import io.insula.isolation.HostWorkload.HostVirtualMachine;
import io.insula.isolation.HostWorkload.Unsupported;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Every directory of `pods` is a case: `tenant.yaml` under each of the four profiles becomes `host.yaml`. A new case
/// needs no Java; `-Dupdate.golden` writes what is missing or changed.
class PodCasesTest {

    private static final Path CASES = Path.of("src/test/resources/pods");
    private static final List<ProfileSettings> SETTINGS = List.of(
            ProfileSettings.of("runc", Beans.sandbox("runc")),
            Beans.profiles().settings("gvisor", Map.of("sandbox", "gvisor", "userNamespaces", true)),
            Beans.profiles()
                    .settings(
                            "kata",
                            Map.of(
                                    "sandbox",
                                    "kata",
                                    "resources",
                                    Map.of("mode", "burstable", "maxRatio", 2),
                                    "nodePool",
                                    Map.of(
                                            "selector",
                                            Map.of("insula.io/pool", "metal"),
                                            "tolerations",
                                            List.of(Map.of("key", "insula.io/pool", "operator", "Exists"))))),
            Beans.profiles()
                    .settings(
                            "kubevirt",
                            Map.of(
                                    "sandbox",
                                    "kubevirt",
                                    "podSecurity",
                                    "privileged",
                                    "overhead",
                                    Map.of("memory", "256Mi"))));

    @TestFactory
    Stream<DynamicTest> translatesEveryCaseAsRecorded() throws IOException {
        try (var cases = Files.list(CASES)) {
            return cases.sorted().toList().stream()
                    .map(dir -> DynamicTest.dynamicTest(dir.getFileName().toString(), () -> check(dir)));
        }
    }

    private static void check(Path dir) throws IOException {
        var pod = Yaml.pod(Files.readString(dir.resolve("tenant.yaml")));
        var before = Yaml.write(pod);
        var answers = new LinkedHashMap<String, Object>();
        for (var settings : SETTINGS) {
            answers.put(settings.name(), render(Beans.profiles().translate(pod, TenantProfiles.only(settings))));
        }
        var golden = dir.resolve("host.yaml");
        var text = Yaml.write(answers);
        if (System.getProperty("update.golden") != null) {
            Files.writeString(golden, text);
        }
        assertThat(text).isEqualTo(Files.readString(golden));
        assertThat(Yaml.write(pod)).as("the pod given").isEqualTo(before);
    }

    private static Map<String, Object> render(Translation translation) {
        var answer = new LinkedHashMap<String, Object>();
        switch (translation.workload()) {
            case HostPod(var pod) -> answer.put("pod", pod);
            case HostVirtualMachine(var machine, var data) -> {
                answer.put("machine", machine);
                answer.put("guestData", data);
            }
            case Unsupported(var field, var message) -> answer.put("unsupported", field + ": " + message);
        }
        if (!translation.notes().isEmpty()) {
            answer.put("notes", translation.notes().stream().map(Note::text).toList());
        }
        return answer;
    }
}
