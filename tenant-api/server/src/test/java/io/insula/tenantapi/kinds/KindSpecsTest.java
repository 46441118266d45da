package io.insula.tenantapi.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.ResourceKind;
import io.insula.tenantapi.registry.StoredKind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Holds the declarations against upstream's own table of resources, made from its API description.
final class KindSpecsTest {

    private final List<ResourceKind> kinds = AllKinds.load();

    private record Row(String path, boolean namespaced, String kind, Set<String> verbs) {}

    @Test
    void declaresExactlyWhatUpstreamServes() {
        var declared = kinds.stream().map(ResourceKind::spec).flatMap(KindSpecsTest::rows);
        assertThat(declared.toList()).containsExactlyInAnyOrderElementsOf(upstream());
    }

    @Test
    void storesUnderTheLegacyPrefixes() {
        assertThat(kinds.stream()
                        .map(ResourceKind::spec)
                        .filter(s -> !s.storagePath().equals(s.resource())))
                .extracting(s -> s.resource() + "=" + s.storagePath())
                .containsExactlyInAnyOrder(
                        "endpoints=services/endpoints",
                        "nodes=minions",
                        "replicationcontrollers=controllers",
                        "services=services/specs",
                        "ingresses=ingress",
                        "customresourcedefinitions=apiextensions.k8s.io/customresourcedefinitions",
                        "apiservices=apiregistration.k8s.io/apiservices");
    }

    @Test
    void createsOnUpdateWhereUpstreamDoes() {
        assertThat(kinds.stream().map(ResourceKind::spec).filter(KindSpec::createOnUpdate))
                .extracting(s -> s.kind().kind())
                .containsExactlyInAnyOrder(
                        "Service",
                        "Endpoints",
                        "Event",
                        "Event",
                        "LimitRange",
                        "Lease",
                        "RuntimeClass",
                        "Role",
                        "ClusterRole",
                        "RoleBinding",
                        "ClusterRoleBinding");
    }

    @Test
    void asksForAResourceVersionWhereUpstreamDoes() {
        assertThat(kinds.stream().map(ResourceKind::spec).filter(s -> !s.unconditionalUpdate()))
                .extracting(s -> s.kind().kind())
                .containsExactlyInAnyOrder(
                        "CustomResourceDefinition",
                        "APIService",
                        "Lease",
                        "RuntimeClass",
                        "PodDisruptionBudget",
                        "CSIDriver",
                        "CSINode",
                        "CSIStorageCapacity",
                        "VolumeAttachment",
                        "MutatingWebhookConfiguration",
                        "ValidatingWebhookConfiguration",
                        "ValidatingAdmissionPolicy",
                        "ValidatingAdmissionPolicyBinding");
    }

    @Test
    void listsTheUsualKindsUnderAll() {
        assertThat(kinds.stream()
                        .map(ResourceKind::spec)
                        .filter(s -> s.categories().contains("all"))
                        .map(KindSpec::resource)
                        .distinct()
                        .sorted()
                        .toList())
                .containsExactly(
                        "cronjobs",
                        "daemonsets",
                        "deployments",
                        "horizontalpodautoscalers",
                        "jobs",
                        "pods",
                        "replicasets",
                        "replicationcontrollers",
                        "services",
                        "statefulsets");
    }

    @Test
    void letsNoEventOwnAnything() {
        assertThat(AllKinds.of(StoredKind.class).stream()
                        .filter(kind -> !kind.mayOwn())
                        .map(ResourceKind::spec)
                        .map(KindSpec::gvr))
                .extracting(Object::toString)
                .containsExactly("events/v1");
    }

    private static Stream<Row> rows(KindSpec spec) {
        var main = new Row(spec.gvr().toString(), spec.namespaced(), spec.kind().toString(), spec.verbs());
        return Stream.concat(
                Stream.of(main),
                spec.subresources().stream()
                        .map(s -> new Row(
                                spec.gvr() + "/" + s.name(),
                                spec.namespaced(),
                                s.kind().toString(),
                                s.verbs())));
    }

    private static List<Row> upstream() {
        return lines().skip(1).map(line -> row(line.split("\t", -1))).toList();
    }

    private static Row row(String[] cells) {
        String group = cells[0].equals("core") ? "" : "." + cells[0];
        String[] resource = cells[2].split("/", -1);
        String sub = resource.length > 1 ? "/" + resource[1] : "";
        int slash = cells[4].lastIndexOf('/');
        var verbs = new TreeSet<String>();
        for (String action : cells[5].split(",", -1)) {
            switch (action) {
                case "post" -> verbs.add("create");
                case "put" -> verbs.add("update");
                case "connect" ->
                    verbs.addAll(
                            sub.equals("/proxy")
                                    ? List.of("create", "delete", "get", "patch", "update")
                                    : List.of("create", "get"));
                default -> verbs.add(action);
            }
        }
        if (verbs.contains("list") && verbs.size() > 2) {
            verbs.add("watch");
        }
        return new Row(
                resource[0] + group + "/" + cells[1] + sub,
                Boolean.parseBoolean(cells[3]),
                cells[4].substring(0, slash) + " " + cells[4].substring(slash + 1),
                verbs);
    }

    private static Stream<String> lines() {
        try (var in = KindSpecsTest.class.getResourceAsStream("/kinds/api-resources-1.34.tsv")) {
            if (in == null) {
                throw new IllegalStateException("missing test resource kinds/api-resources-1.34.tsv");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
