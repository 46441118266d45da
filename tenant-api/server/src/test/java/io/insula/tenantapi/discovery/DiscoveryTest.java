package io.insula.tenantapi.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.insula.tenantapi.api.GroupVersionKind;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.registry.KindSpec;
import java.util.List;
import org.junit.jupiter.api.Test;

class DiscoveryTest {

    private final Discovery discovery = new Discovery(List.of(
            KindSpec.namespaced("example.com", "v1alpha1", "CronTab", "crontabs"),
            KindSpec.namespaced("example.com", "v1", "CronTab", "crontabs"),
            KindSpec.namespaced("", "v1", "Pod", "pods")
                    .shortNames("po")
                    .categories("all")
                    .withStatus(),
            KindSpec.namespaced("apps", "v1", "Deployment", "deployments")
                    .withStatus()
                    .subresource(
                            "scale", new GroupVersionKind("autoscaling", "v1", "Scale"), "get", "patch", "update")));

    @Test
    void ordersGroupsByPriorityAndVersionsByStability() {
        var groups = discovery.legacy("/apis").orElseThrow().path("groups");
        assertThat(groups.path(0).path("name").asText()).isEqualTo("apps");
        assertThat(groups.path(1).path("name").asText()).isEqualTo("example.com");
        assertThat(groups.path(1).path("versions").path(0).path("version").asText())
                .isEqualTo("v1");
        assertThat(groups.path(1).path("preferredVersion").path("groupVersion").asText())
                .isEqualTo("example.com/v1");
    }

    @Test
    void namesTheGroupOfASubresourceOfAnotherKind() {
        var resources = discovery.legacy("/apis/apps/v1").orElseThrow().path("resources");
        assertThat(resources.path(1).path("name").asText()).isEqualTo("deployments/scale");
        assertThat(resources.path(1).path("group").asText()).isEqualTo("autoscaling");
        assertThat(resources.path(2).path("name").asText()).isEqualTo("deployments/status");
        assertThat(resources.path(2).has("group")).isFalse();
    }

    @Test
    void keepsCoreAndGroupsApartInTheAggregatedForm() {
        assertThat(discovery.aggregated("/api").path("items").size()).isEqualTo(1);
        var apis = discovery.aggregated("/apis").path("items");
        assertThat(apis.path(0).at("/metadata/name").asText()).isEqualTo("apps");
        assertThat(apis.path(0)
                        .at("/versions/0/resources/0/subresources/0/subresource")
                        .asText())
                .isEqualTo("scale");
    }

    @Test
    void answersNothingForWhatIsNotServed() {
        assertThat(discovery.legacy("/apis/nope")).isEmpty();
        assertThat(discovery.legacy("/apis/apps/v2")).isEmpty();
        assertThat(discovery.legacy("/api/v2")).isEmpty();
        assertThat(discovery.legacy("/apis/")).isEmpty();
    }

    @Test
    void putsRemoteVersionsWhereTheirPrioritiesSay() {
        var remote = new Discovery(
                List.of(
                        KindSpec.namespaced("apps", "v1", "Deployment", "deployments"),
                        KindSpec.cluster("apiregistration.k8s.io", "v1", "APIService", "apiservices"),
                        KindSpec.namespaced("mixed.example", "v1", "Shoe", "shoes")),
                List.of(
                        remote("mixed.example", "v9", 1000, 5),
                        remote("mixed.example", "v1alpha1", 1000, 500),
                        remote("first.example", "v1", 19000, 1)));

        assertThat(remote.legacy("/apis")
                        .orElseThrow()
                        .path("groups")
                        .valueStream()
                        .map(group -> group.path("name").asText()))
                .containsExactly("apiregistration.k8s.io", "first.example", "apps", "mixed.example");
        assertThat(remote.legacy("/apis/mixed.example")
                        .orElseThrow()
                        .path("versions")
                        .valueStream()
                        .map(version -> version.path("version").asText()))
                .containsExactly("v1alpha1", "v1", "v9");
        assertThat(remote.legacy("/apis/mixed.example/v1")).isPresent();
    }

    private static RemoteVersion remote(String group, String version, int priority, int versionPriority) {
        return new RemoteVersion(group, version, priority, versionPriority, true, Json.object());
    }
}
