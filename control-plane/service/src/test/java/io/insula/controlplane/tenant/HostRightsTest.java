package io.insula.controlplane.tenant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingAdmissionPolicy;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// What the syncer's credential may read, and what of its own walls it may change.
class HostRightsTest extends WalledHost {

    @Test
    void refusesToTheSyncerWhatIsNoTenants() {
        makeNamespace("others");
        for (var namespace : List.of("kube-system", "default", "others")) {
            for (var object : List.of(hostPod("runc"), secret("s", Map.of()), configMap("c"))) {
                assertThatThrownBy(() ->
                                stolen.resource(object).inNamespace(namespace).create())
                        .as(object.getKind() + " in " + namespace)
                        .isInstanceOfSatisfying(
                                KubernetesClientException.class,
                                e -> assertThat(e.getCode()).isEqualTo(403));
            }
            assertThatThrownBy(() -> stolen.namespaces().withName(namespace).edit(HostRightsTest::opened))
                    .isInstanceOfSatisfying(
                            KubernetesClientException.class,
                            e -> assertThat(e.getCode()).isEqualTo(403));
        }
    }

    /// Every kind that the host serves: Secrets first of all, but the environment of a pod, an event or a ConfigMap may
    /// tell as much.
    @Test
    void showsTheSyncerNothingThatIsNoTenants() {
        makeNamespace("not-tenants");
        host.client()
                .resource(secret("password", Map.of("p", "w")))
                .inNamespace("not-tenants")
                .create();
        assertThat(stolen.secrets().inNamespace(NAMESPACE).list().getItems())
                .as("a tenant's")
                .isNotNull();

        var namespaced = served().filter(Served::namespaced).toList();
        assertThat(namespaced)
                .extracting(Served::name)
                .contains("secrets", "configmaps", "pods", "events", "serviceaccounts");
        for (var kind : namespaced) {
            for (var namespace : List.of("", "kube-system", "default", "kube-public", "not-tenants")) {
                // the host says there where its API server is
                if (!namespace.equals("default") || !kind.name().equals("endpointslices")) {
                    assertHidden(kind.path(namespace));
                }
                assertHidden(kind.path(namespace) + "?watch=true&timeoutSeconds=1");
            }
        }
        assertHidden("/api/v1/namespaces/not-tenants/secrets/password");
        assertThat(served().filter(kind -> !kind.namespaced())
                        .filter(kind -> isReadable(kind.path("")))
                        .map(Served::name))
                .as("of no namespace")
                .containsExactlyInAnyOrder(
                        "nodes",
                        "persistentvolumes",
                        "servicecidrs",
                        "runtimeclasses",
                        "storageclasses",
                        "ingressclasses",
                        "ingresshosts");
    }

    /// A kind that can be listed.
    private record Served(String version, String name, boolean namespaced) {
        String path(String namespace) {
            return (version.contains("/") ? "/apis/" : "/api/") + version
                    + (namespace.isEmpty() ? "" : "/namespaces/" + namespace) + "/" + name;
        }
    }

    private Stream<Served> served() {
        var groups = host.client().getApiGroups().getGroups().stream()
                .flatMap(group -> group.getVersions().stream())
                .map(version -> version.getGroupVersion());
        return Stream.concat(Stream.of("v1"), groups)
                .flatMap(version -> host.client().getApiResources(version).getResources().stream()
                        .filter(resource -> resource.getVerbs().contains("list"))
                        .map(resource -> new Served(version, resource.getName(), resource.getNamespaced())));
    }

    private void assertHidden(String path) {
        assertThatThrownBy(() -> stolen.raw(path))
                .as(path)
                .isInstanceOfSatisfying(
                        KubernetesClientException.class,
                        e -> assertThat(e.getCode()).isEqualTo(403));
    }

    private boolean isReadable(String path) {
        try {
            return stolen.raw(path) != null;
        } catch (KubernetesClientException e) {
            assertThat(e.getCode()).as(path).isEqualTo(403);
            return false;
        }
    }

    @Test
    void refusesToTheSyncerItsOwnWalls() {
        assertThatThrownBy(() -> patchNamespace("{metadata: {labels: {" + ENFORCE + "-version: v1.0}}}"))
                .hasMessageContaining("metadata.labels");
        assertThatThrownBy(() -> patchNamespace("{metadata: {labels: {insula.io/tenant: null}}}"))
                .hasMessageContaining("metadata.labels");
        assertThatThrownBy(() -> patchNamespace("{metadata: {annotations: {insula.io/profiles: 'runc,mine'}}}"))
                .hasMessageContaining("metadata.annotations");
        assertThatCode(() -> patchNamespace("{metadata: {annotations: {insula.io/cluster-uid: abc}}}"))
                .as("what it notes of the tenant")
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> stolen.resourceQuotas()
                        .inNamespace(NAMESPACE)
                        .withName("insula")
                        .delete())
                .isInstanceOf(KubernetesClientException.class);
    }

    @Test
    void refusesToTheSyncerATokenOfTheHostAndOthersTraffic() {
        assertThatThrownBy(() -> create(stolen, Serialization.unmarshal("""
                        apiVersion: v1
                        kind: Secret
                        type: kubernetes.io/service-account-token
                        metadata: {name: token, annotations: {kubernetes.io/service-account.name: default}}
                        """, Secret.class), false))
                .hasMessageContaining("type");
        assertThatThrownBy(() -> create(stolen, Serialization.unmarshal("""
                        apiVersion: v1
                        kind: Service
                        metadata: {name: theirs}
                        spec: {ports: [{port: 53}], externalIPs: [8.8.8.8]}
                        """, Service.class), false))
                .hasMessageContaining("externalIPs");
        assertThatThrownBy(() -> create(stolen, Serialization.unmarshal("""
                        apiVersion: v1
                        kind: PersistentVolumeClaim
                        metadata: {name: theirs}
                        spec:
                          accessModes: [ReadWriteOnce]
                          volumeName: theirs
                          resources: {requests: {storage: 1Gi}}
                        """, PersistentVolumeClaim.class), false))
                .hasMessageContaining("volumeName");
    }

    /// What a volume holds cannot be made again: neither the end of its claim, nor another's end as its reason, nor the
    /// name under which its tenant would be asked is the credential's to say.
    @Test
    void refusesToTheSyncerTheEndOfData() {
        var name = "data-shop-x";
        stolen.resource(Serialization.unmarshal("""
                        apiVersion: v1
                        kind: PersistentVolumeClaim
                        metadata:
                          name: data-shop-x
                          annotations:
                            insula.io/tenant: acme
                            insula.io/namespace: shop
                            insula.io/name: data
                            insula.io/kind: PersistentVolumeClaim
                            insula.io/uid: u1
                        spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
                        """, PersistentVolumeClaim.class))
                .inNamespace(NAMESPACE)
                .create();
        var claim = stolen.persistentVolumeClaims().inNamespace(NAMESPACE).withName(name);

        assertThatThrownBy(claim::delete)
                .isInstanceOfSatisfying(
                        KubernetesClientException.class,
                        e -> assertThat(e.getCode()).isEqualTo(403));
        assertThatThrownBy(() -> stolen.persistentVolumeClaims()
                        .inNamespace(NAMESPACE)
                        .withLabels(Map.of())
                        .delete())
                .isInstanceOf(KubernetesClientException.class);
        for (var patch : List.of(
                "{ownerReferences: [{apiVersion: v1, kind: ConfigMap, name: gone, uid: gone}]}",
                "{annotations: {insula.io/uid: u2}}",
                "{annotations: {insula.io/name: other}}",
                "{annotations: {insula.io/namespace: null}}",
                "{annotations: {insula.io/tenant: globex}}")) {
            assertThatThrownBy(() -> claim.patch(
                            PatchContext.of(PatchType.JSON_MERGE),
                            Serialization.asJson(Serialization.unmarshal("metadata: " + patch, Map.class))))
                    .as(patch)
                    .hasMessageContaining("metadata." + patch.substring(1, patch.indexOf(':')));
        }
        assertThatCode(() -> claim.patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"metadata\":{\"labels\":{\"insula.io/ending\":\"true\"}}}"))
                .as("what is only a question to the tenant")
                .doesNotThrowAnyException();
        assertThat(claim.get().getMetadata().getDeletionTimestamp()).isNull();
    }

    /// Of a kind that the host need not serve.
    @Test
    void refusesSnapshotsOfContentsThatAreThere() {
        host.client()
                .resource(Serialization.unmarshal("""
                        apiVersion: apiextensions.k8s.io/v1
                        kind: CustomResourceDefinition
                        metadata:
                          name: volumesnapshots.snapshot.storage.k8s.io
                          annotations: {api-approved.kubernetes.io: 'unapproved, as it is a test'}
                        spec:
                          group: snapshot.storage.k8s.io
                          scope: Namespaced
                          names: {kind: VolumeSnapshot, plural: volumesnapshots}
                          versions:
                          - name: v1
                            served: true
                            storage: true
                            schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
                        """, CustomResourceDefinition.class))
                .create();
        await("snapshots are taken", () -> {
            try {
                create(host.client(), snapshot("{persistentVolumeClaimName: data}"), true);
                return true;
            } catch (KubernetesClientException e) {
                return false;
            }
        });

        assertThatThrownBy(() ->
                        create(host.client(), snapshot("{volumeSnapshotContentName: snapcontent-of-globex}"), false))
                .hasMessageContaining("spec.source.volumeSnapshotContentName");
    }

    private static GenericKubernetesResource snapshot(String source) {
        return Serialization.unmarshal(
                "---\n{apiVersion: snapshot.storage.k8s.io/v1, kind: VolumeSnapshot, metadata: {name: s}, spec: {source: "
                        + source + "}}",
                GenericKubernetesResource.class);
    }

    @Test
    void refusesRoutesThatAreEverybodysAndWordsToTheHostsControllers() {
        assertThatCode(() -> create(stolen, ingress("{}"), true)).doesNotThrowAnyException();
        Map.of(
                        "{metadata: {annotations: {nginx.ingress.kubernetes.io/configuration-snippet: x}}}",
                        "metadata.annotations",
                        "{metadata: {annotations: {nginx.ingress.kubernetes.io/auth-url: 'http://169.254.169.254'}}}",
                        "metadata.annotations",
                        "{spec: {defaultBackend: {service: {name: s, port: {number: 80}}}}}",
                        "spec.defaultBackend",
                        "{spec: {rules: [{http: {paths: [{path: /, pathType: Prefix, backend: "
                                + "{service: {name: s, port: {number: 80}}}}]}}], tls: null}}",
                        "spec.rules",
                        "{spec: {rules: [{host: a.example.com, http: {paths: [{path: /, pathType: Prefix, backend: "
                                + "{resource: {kind: Bucket, name: x}}}]}}]}}",
                        "spec.rules",
                        "{spec: {tls: [{secretName: t}]}}",
                        "spec.tls",
                        "{spec: {tls: [{secretName: t, hosts: [b.example.com]}]}}",
                        "spec.tls")
                .forEach((patch, told) -> assertThatThrownBy(() -> create(stolen, ingress(patch), false))
                        .as(patch)
                        .hasMessageContaining(told));
        assertThatCode(() -> host.client()
                        .resource(ingress("{metadata: {annotations: {acme.cert-manager.io/note: x}}}"))
                        .inNamespace(NAMESPACE)
                        .dryRun(true)
                        .create())
                .as("the host's own controllers note what they like")
                .doesNotThrowAnyException();
    }

    private static Ingress ingress(String patch) {
        return Serialization.unmarshal(
                merged(
                        "{\"apiVersion\":\"networking.k8s.io/v1\",\"kind\":\"Ingress\",\"metadata\":{\"name\":\"web\"},"
                                + "\"spec\":{\"rules\":[{\"host\":\"a.example.com\",\"http\":{\"paths\":[{\"path\":\"/\","
                                + "\"pathType\":\"Prefix\",\"backend\":{\"service\":{\"name\":\"s\",\"port\":{\"number\":80}}}}]}}],"
                                + "\"tls\":[{\"hosts\":[\"a.example.com\"],\"secretName\":\"t\"}]}}",
                        patch),
                Ingress.class);
    }

    @Test
    void putsRightWhatIsChangedByHand() {
        namespaces.ensure(tenant("kept"), () -> choice("gvisor"));
        var client = host.client();
        client.namespaces().withName("insula-kept").edit(HostRightsTest::opened);
        client.resourceQuotas().inNamespace("insula-kept").withName("insula").edit(quota -> {
            quota.getSpec().getHard().put("pods", new Quantity("1000000"));
            return quota;
        });
        client.rbac()
                .roleBindings()
                .inNamespace("insula-kept")
                .withName("insula-syncer")
                .delete();
        var policies = client.resources(ValidatingAdmissionPolicy.class);
        var before = policies.withName("insula-profile-gvisor").get().getSpec();
        policies.withName("insula-profile-gvisor").edit(policy -> {
            policy.getSpec().setFailurePolicy("Ignore");
            policy.getSpec().getMatchConditions().getFirst().setExpression("false");
            return policy;
        });

        namespaces.policies().lookAgain();
        namespaces.ensure(tenant("kept"), () -> choice("gvisor"));

        assertThat(client.namespaces()
                        .withName("insula-kept")
                        .get()
                        .getMetadata()
                        .getLabels())
                .containsEntry(ENFORCE, "baseline")
                .containsEntry(ENFORCE + "-version", "latest");
        assertThat(client.resourceQuotas()
                        .inNamespace("insula-kept")
                        .withName("insula")
                        .get()
                        .getSpec()
                        .getHard())
                .containsEntry("pods", new Quantity("5000"));
        assertThat(client.rbac()
                        .roleBindings()
                        .inNamespace("insula-kept")
                        .withName("insula-syncer")
                        .get())
                .isNotNull();
        assertThat(policies.withName("insula-profile-gvisor").get().getSpec()).isEqualTo(before);
    }

    private static Namespace opened(Namespace namespace) {
        return new NamespaceBuilder(namespace)
                .editMetadata()
                .addToLabels(ENFORCE, "privileged")
                .addToLabels(ENFORCE + "-version", "v1.0")
                .endMetadata()
                .build();
    }

    private void patchNamespace(String patch) {
        stolen.namespaces().withName(NAMESPACE).patch(PatchContext.of(PatchType.JSON_MERGE), merged("{}", patch));
    }
}
