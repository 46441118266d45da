package io.insula.controlplane.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.controlplane.cluster.TestCluster;
import io.insula.controlplane.tenant.IsolationProfileResource;
import io.insula.isolation.HostManifests;
import io.insula.isolation.HostWorkload;
import io.insula.isolation.IsolationProfile;
import io.insula.isolation.ProfileSettings;
import io.insula.isolation.Profiles;
import io.insula.isolation.Sandbox;
import io.insula.isolation.Translation;
import io.insula.syncer.kinds.Beans;
import io.insula.tenantapi.server.ServerComponents;
import io.micronaut.context.ApplicationContext;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a host is given follows from the profiles that are there, not from those of the build.
final class HostSetupTest {

    @Test
    void givesTheHostWhatAMadeUpProfileDeclares(@TempDir Path folder) {
        try (var beans = ApplicationContext.run();
                var host = new TestCluster("host", folder, beans.getBean(ServerComponents.class), builder -> builder)) {
            var setup = new HostSetup(host.client(), withToy(beans));
            setup.install();
            setup.installRuntimes();

            var profiles = host.client().resources(IsolationProfileResource.class);
            assertThat(profiles.withName("toy").get().getSpec()).containsEntry("sandbox", "toy");
            assertThat(host.client()
                            .resources(io.fabric8.kubernetes.api.model.node.v1.RuntimeClass.class)
                            .withName("toy-box")
                            .get()
                            .getHandler())
                    .isEqualTo("toyd");
            // the definition's own enum lets it in beside the others, and nothing else
            host.client().resource(profile("another-toy", "toy")).create();
            for (var sandbox : Beans.profiles().sandboxes()) {
                host.client()
                        .resource(profile("another-" + sandbox, sandbox.wireName()))
                        .create();
            }
            assertThatThrownBy(() -> host.client()
                            .resource(profile("unknown", "cardboard"))
                            .create())
                    .isInstanceOf(KubernetesClientException.class)
                    .hasMessageContaining("spec.sandbox: Unsupported value: \"cardboard\"")
                    .hasMessageContaining("\"toy\"");

            // a later start without it
            new HostSetup(host.client(), beans.getBean(Profiles.class)).install();
            assertThatThrownBy(() ->
                            host.client().resource(profile("late-toy", "toy")).create())
                    .hasMessageContaining("spec.sandbox: Unsupported value: \"toy\"");
            assertThat(profiles.withName("toy").get())
                    .as("the superuser's to delete")
                    .isNotNull();
        }
    }

    /// Or by ourselves, a moment ago: the answer to a creation may be lost.
    @Test
    void findsWhatIsMadeMeanwhile(@TempDir Path folder) throws Exception {
        try (var beans = ApplicationContext.run();
                var host = new TestCluster("host", folder, beans.getBean(ServerComponents.class), builder -> builder);
                var together = Executors.newVirtualThreadPerTaskExecutor()) {
            var setup = new HostSetup(host.client(), beans.getBean(Profiles.class));
            var all = new ArrayList<Future<?>>();
            for (int i = 0; i < 4; i++) {
                all.add(together.submit(() -> {
                    setup.install();
                    setup.installRuntimes();
                }));
            }
            for (Future<?> each : all) {
                each.get();
            }
            assertThat(host.client()
                            .resources(IsolationProfileResource.class)
                            .list()
                            .getItems())
                    .hasSameSizeAs(HostManifests.profiles(Beans.profiles()));
        }
    }

    private static Profiles withToy(ApplicationContext beans) {
        var all = new ArrayList<>(beans.getBeansOfType(IsolationProfile.class));
        all.add(new Toy());
        return new Profiles(List.copyOf(all));
    }

    private static IsolationProfileResource profile(String name, String sandbox) {
        return Serialization.unmarshal("""
                apiVersion: tenancy.insula.io/v1alpha1
                kind: IsolationProfile
                metadata: {name: %s}
                spec: {sandbox: %s}
                """.formatted(name, sandbox), IsolationProfileResource.class);
    }

    private static final class Toy implements IsolationProfile {

        @Override
        public Sandbox sandbox() {
            return Sandbox.ofPods("toy").withRuntimeClass("toy-box", "toyd").onNodes(Map.of("insula.io/toys", "true"));
        }

        @Override
        public Translation translate(Pod pod, ProfileSettings settings) {
            return new Translation(settings.name(), new HostWorkload.HostPod(pod), List.of());
        }
    }
}
