package io.insula.controlplane.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.node.storage.LocalProvisioner;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class HostManifestsTest {

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
        assertThat(HostSetup.manifest("storageclasses/standard")).contains("StorageClass");
        assertThat(HostSetup.storageClass("local").getProvisioner()).isEqualTo(LocalProvisioner.NAME);
    }
}
