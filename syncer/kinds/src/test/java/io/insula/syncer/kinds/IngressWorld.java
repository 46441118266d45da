package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.IngressClass;
import io.fabric8.kubernetes.api.model.networking.v1.IngressClassBuilder;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.engine.NameMap;
import io.insula.syncer.engine.TenantId;
import java.util.Map;
import java.util.stream.Stream;

/// What a host has around Ingresses.
final class IngressWorld {

    static final String LONG_AGO = "2025-01-01T00:00:00Z";

    private IngressWorld() {}

    static IngressClass shared(String name) {
        return new IngressClassBuilder()
                .withNewMetadata()
                .withName(name)
                .addToLabels(InsulaLabels.SHARED, "true")
                .endMetadata()
                .withNewSpec()
                .withController("example.com/proxy")
                .withNewParameters()
                .withKind("ConfigMap")
                .withName("of-the-hosts")
                .endParameters()
                .endSpec()
                .build();
    }

    static GenericKubernetesResource claim(String tenant, String namespace, String ingress, String... hosts) {
        return claim(tenant, namespace, ingress, LONG_AGO, hosts);
    }

    static final ResourceDefinitionContext CLAIMS = new ResourceDefinitionContext.Builder()
            .withGroup("tenancy.insula.io")
            .withVersion("v1alpha1")
            .withKind("IngressHosts")
            .withPlural("ingresshosts")
            .withNamespaced(false)
            .build();

    /// The claims of an Ingress of a tenant's, as its syncer has written them.
    static GenericKubernetesResource claim(
            String tenant, String namespace, String ingress, String since, String[] hosts) {
        Ingress of = new IngressBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(ingress)
                .withUid("i1")
                .endMetadata()
                .build();
        var claim = new GenericKubernetesResource();
        claim.setApiVersion("tenancy.insula.io/v1alpha1");
        claim.setKind("IngressHosts");
        claim.setMetadata(new ObjectMetaBuilder(new NameMap(new TenantId(tenant)).hostMeta(IngressHostSyncer.NAME, of))
                .withNamespace(null)
                .build());
        claim.setAdditionalProperty(
                "spec",
                Map.of(
                        "hosts",
                        Stream.of(hosts)
                                .map(host -> Map.of("name", host, "since", since))
                                .toList()));
        return claim;
    }
}
