package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressClass;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.node.v1.RuntimeClass;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import io.insula.rules.keys.WellKnownKeys;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.engine.KindRef;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The kinds by their types, and what they have in common.
final class Kinds {

    static final KindRef<Pod> POD = KindRef.of(Pod.class, true);
    static final KindRef<Service> SERVICE = KindRef.of(Service.class, true);
    static final KindRef<ConfigMap> CONFIG_MAP = KindRef.of(ConfigMap.class, true);
    static final KindRef<Secret> SECRET = KindRef.of(Secret.class, true);
    static final KindRef<Event> EVENT = KindRef.of(Event.class, true);
    static final KindRef<Node> NODE = KindRef.of(Node.class, false);
    static final KindRef<Namespace> NAMESPACE = KindRef.of(Namespace.class, false);
    static final KindRef<PersistentVolumeClaim> CLAIM = KindRef.of(PersistentVolumeClaim.class, true);
    static final KindRef<PersistentVolume> VOLUME = KindRef.of(PersistentVolume.class, false);
    static final KindRef<StorageClass> STORAGE_CLASS = KindRef.of(StorageClass.class, false);
    static final KindRef<NetworkPolicy> NETWORK_POLICY = KindRef.of(NetworkPolicy.class, true);
    static final KindRef<EndpointSlice> ENDPOINT_SLICE = KindRef.of(EndpointSlice.class, true);
    static final KindRef<PodDisruptionBudget> DISRUPTION_BUDGET = KindRef.of(PodDisruptionBudget.class, true);
    static final KindRef<RuntimeClass> RUNTIME_CLASS = KindRef.of(RuntimeClass.class, false);
    static final KindRef<Ingress> INGRESS = KindRef.of(Ingress.class, true);
    static final KindRef<IngressClass> INGRESS_CLASS = KindRef.of(IngressClass.class, false);
    /// Which names of the outside a tenant's Ingress has; its schema is `deploy/crds/ingresshosts.yaml`.
    static final KindRef<GenericKubernetesResource> INGRESS_HOSTS = new KindRef<>(
            GenericKubernetesResource.class, "tenancy.insula.io", "v1alpha1", "IngressHosts", "ingresshosts", false);
    static final KindRef<GenericKubernetesResource> MACHINE = new KindRef<>(
            GenericKubernetesResource.class,
            "kubevirt.io",
            "v1",
            "VirtualMachineInstance",
            "virtualmachineinstances",
            true);

    /// Of those hosts that have a snapshot controller, where a rule of the tenant's sends them.
    static final KindRef<GenericKubernetesResource> SNAPSHOT = new KindRef<>(
            GenericKubernetesResource.class,
            "snapshot.storage.k8s.io",
            "v1",
            "VolumeSnapshot",
            "volumesnapshots",
            true);

    private Kinds() {}

    /// A tenant's annotations without those that are ours to write.
    static Map<String, String> annotations(HasMetadata object) {
        var kept = new LinkedHashMap<String, String>();
        var own = object.getMetadata().getAnnotations();
        if (own != null) {
            own.forEach((key, value) -> {
                if (!isOurs(key) && !key.equals(WellKnownKeys.LAST_APPLIED)) {
                    kept.put(key, value);
                }
            });
        }
        return kept;
    }

    /// `host` with the tenant's labels under their prefix. Annotations of tenants stay in the tenant: on the
    /// host they would speak to the host's own controllers.
    static ObjectMeta withLabels(ObjectMeta host, @Nullable Map<String, String> tenantLabels) {
        return new ObjectMetaBuilder(host)
                .addToLabels(io.insula.syncer.engine.NameMap.hostLabels(tenantLabels))
                .build();
    }

    static boolean isManaged(HasMetadata object) {
        var labels = object.getMetadata().getLabels();
        return labels != null && InsulaLabels.SYNCER.equals(labels.get(InsulaLabels.MANAGED_BY));
    }

    /// Whether the host's administrators share a host object with all tenants.
    static boolean isShared(HasMetadata host) {
        var labels = host.getMetadata().getLabels();
        return labels != null && "true".equals(labels.get(InsulaLabels.SHARED));
    }

    static String annotation(HasMetadata object, String key) {
        var annotations = object.getMetadata().getAnnotations();
        return annotations == null ? "" : annotations.getOrDefault(key, "");
    }

    static String namespace(HasMetadata object) {
        return Objects.requireNonNullElse(object.getMetadata().getNamespace(), "");
    }

    static String name(HasMetadata object) {
        return object.getMetadata().getName();
    }

    private static boolean isOurs(String key) {
        int slash = key.indexOf('/');
        var prefix = slash < 0 ? "" : key.substring(0, slash);
        return prefix.equals("insula.io") || prefix.endsWith(".insula.io");
    }
}
