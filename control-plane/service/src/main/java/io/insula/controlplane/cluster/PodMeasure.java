package io.insula.controlplane.cluster;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.insula.controlplane.cluster.TenantUsage.Use;
import io.insula.isolation.Profiles;
import io.insula.isolation.Reservation;
import io.insula.isolation.TenantProfiles;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.quota.QuotaEvaluator;
import io.insula.tenantapi.view.ContainerView;
import io.insula.tenantapi.view.PodSpecView;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a tenant's pods take of the host: with the limits that their profile gives them and the sandbox's overhead.
///
/// A pod is measured at its admission and at each of its events, most of which are news of its node. What its profile
/// makes of it is remembered of those that were measured last, by all that it depends on. Thread-safe: guarded by its
/// monitor.
final class PodMeasure {

    private static final int REMEMBERED = 128;

    /// All that amounts are read from.
    private static final List<String> MEASURED =
            List.of(ContainerView.Kind.INIT.field(), ContainerView.Kind.ORDINARY.field(), "resources", "overhead");

    private static final List<String> MEASURED_OF_CONTAINERS = List.of("name", "resources", "restartPolicy");

    private final KubernetesSerialization serialization = new KubernetesSerialization();
    private final Profiles profiles;
    private final Map<String, OnHost> recent = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, OnHost> eldest) {
            return size() > REMEMBERED;
        }
    };

    /// @param own the tenant's profiles that it was translated by
    /// @param asked what the tenant's pod says that profiles read
    /// @param spec what amounts are read from; null for what does not run on the host
    private record OnHost(
            TenantProfiles own,
            String asked,
            String profile,
            @Nullable ObjectNode spec) {

        @SuppressWarnings("ReferenceEquality") // they are the same as long as nothing of them changes
        boolean isOf(TenantProfiles now, String says) {
            return own == now && asked.equals(says);
        }
    }

    PodMeasure(Profiles profiles) {
        this.profiles = profiles;
    }

    /// @param own the tenant's profiles
    Use of(ObjectNode pod, TenantProfiles own, QuotaEvaluator evaluator, Instant now) {
        OnHost host = onHost(pod, own);
        ObjectNode counted = pod;
        if (host.spec() != null) {
            counted = Json.object();
            counted.setAll(pod);
            counted.set("spec", host.spec());
        }
        return new Use(Meta.uid(pod), host.profile(), evaluator.usage(counted, now));
    }

    private synchronized OnHost onHost(ObjectNode pod, TenantProfiles own) {
        String asked = asked(pod);
        OnHost known = recent.get(Meta.uid(pod));
        if (known != null && known.isOf(own, asked)) {
            return known;
        }
        OnHost made = translated(pod, own, asked);
        if (!Meta.uid(pod).isEmpty()) {
            recent.put(Meta.uid(pod), made);
        }
        return made;
    }

    private OnHost translated(ObjectNode pod, TenantProfiles own, String asked) {
        var translation = profiles.translate(serialization.convertValue(withoutNode(pod), Pod.class), own);
        var settings = own.all().stream()
                .filter(each -> each.name().equals(translation.profile()))
                .findFirst()
                .orElse(own.standard());
        // what does not run on the host counts as the tenant asked for it
        ObjectNode spec = Reservation.of(translation.workload(), settings)
                .map(each -> measured(serialization.convertValue(each, ObjectNode.class)))
                .orElse(null);
        return new OnHost(own, asked, translation.profile(), spec);
    }

    private static ObjectNode measured(ObjectNode spec) {
        spec.retain(MEASURED);
        new PodSpecView(spec)
                .startedContainers()
                .forEach(container -> ((ObjectNode) container.tree()).retain(MEASURED_OF_CONTAINERS));
        return spec;
    }

    private static String asked(ObjectNode pod) {
        return pod.path("metadata").path("labels")
                + "\n" + pod.path("metadata").path("annotations")
                + "\n" + withoutNode(pod).path("spec");
    }

    /// A shallow copy: which node it is on changes nothing of what it takes.
    private static ObjectNode withoutNode(ObjectNode pod) {
        ObjectNode wanted = Json.object();
        wanted.setAll(pod);
        if (pod.path("spec") instanceof ObjectNode spec && spec.has("nodeName")) {
            ObjectNode copy = Json.object();
            copy.setAll(spec);
            wanted.set("spec", copy.without("nodeName"));
        }
        return wanted;
    }
}
