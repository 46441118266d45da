package io.insula.controlplane.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.node.v1.RuntimeClass;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.controlplane.tenant.IsolationProfileResource;
import io.insula.isolation.ProfileSettings;
import io.insula.isolation.Sandbox;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class HostManifestsTest {

    @ParameterizedTest
    @ValueSource(strings = {"runc", "gvisor", "kata", "kubevirt"})
    void packagesAReadableDefaultProfilePerSandbox(String name) {
        var resource = Serialization.unmarshal(HostSetup.manifest("profiles/" + name), IsolationProfileResource.class);

        ProfileSettings settings = ProfileSettings.fromSpec(name, resource.getSpec());

        assertThat(settings.sandbox()).isEqualTo(Sandbox.parse(name));
        assertThat(settings.overhead()).isEqualTo(settings.sandbox().defaultOverhead());
        assertThat(resource.getMetadata().getName()).isEqualTo(name);
    }

    /// What a node reserves is what the profile says only if the RuntimeClass says the same.
    @ParameterizedTest
    @ValueSource(strings = {"gvisor", "kata"})
    void givesRuntimeClassesTheOverheadOfTheirProfiles(String name) {
        var runtimeClass = Serialization.unmarshal(HostSetup.manifest("runtimeclasses/" + name), RuntimeClass.class);

        var overhead = Sandbox.parse(name).defaultOverhead();
        assertThat(runtimeClass.getOverhead().getPodFixed())
                .containsEntry("cpu", overhead.cpu())
                .containsEntry("memory", overhead.memory());
    }

    /// A folder of `deploy/` that is not packaged lets no service start.
    @Test
    void packagesEveryManifestOfDeploy() throws Exception {
        try (Stream<Path> all = Files.walk(Path.of("..", "..", "deploy"))) {
            List<String> missing = all.filter(file -> file.toString().endsWith(".yaml"))
                    .map(file -> Path.of("..", "..").relativize(file).toString())
                    .filter(name -> HostSetup.class.getResource("/" + name) == null)
                    .toList();

            assertThat(missing).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tenants", "isolationprofiles"})
    void packagesDefinitionsWithStatusAndSchema(String plural) {
        var definition = Serialization.unmarshal(HostSetup.manifest("crds/" + plural), CustomResourceDefinition.class);

        assertThat(definition.getMetadata().getName()).isEqualTo(plural + ".tenancy.insula.io");
        var version = definition.getSpec().getVersions().getFirst();
        assertThat(version.getSubresources().getStatus()).isNotNull();
        assertThat(version.getSchema().getOpenAPIV3Schema().getProperties().keySet())
                .containsAll(List.of("spec", "status"));
    }

    @Test
    void knowsThePathOfEveryManifest() {
        assertThat(HostSetup.manifest("kubevirt/virtualmachineinstances")).contains("kubevirt.io");
        assertThat(HostSetup.manifest("runtimeclasses/kata")).contains("handler: kata");
    }
}
