package io.insula.controlplane.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.node.v1.RuntimeClass;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.insula.controlplane.tenant.ProfileSource;
import io.insula.isolation.HostWorkload;
import io.insula.isolation.Profiles;
import io.insula.isolation.TenantProfiles;
import io.insula.syncer.kinds.OwnRuntimeClass;
import io.insula.syncer.kinds.PodRules;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.ports.ObjectClient.Query;
import io.insula.tenantapi.registry.AdmissionPlugin;
import io.insula.tenantapi.view.PodView;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Refuses pods that the tenant's isolation profile cannot run, naming the field, instead of leaving them
/// pending. Changes that leave a pod's spec alone pass: what runs may always be labelled, finished and deleted.
final class ProfileAdmission implements AdmissionPlugin.Validating {

    /// After upstream's own plugins, so that their answers come first.
    private static final int ORDER = 10_000;

    private static final GroupVersionResource RUNTIME_CLASSES =
            new GroupVersionResource("node.k8s.io", "v1", "runtimeclasses");

    /// The field of a volume.
    private static final String INLINE = "csi";

    private final KubernetesSerialization serialization = new KubernetesSerialization();
    private final Profiles profiles;
    private final CurrentProfiles current;

    ProfileAdmission(Profiles profiles, ProfileSource source) {
        this.profiles = profiles;
        this.current = new CurrentProfiles(profiles, source);
    }

    @Override
    public PluginSpec spec() {
        return new PluginSpec("InsulaIsolationProfile", ORDER, Set.of(Operation.CREATE, Operation.UPDATE));
    }

    @Override
    public void validate(Request request) {
        ObjectNode pod = request.object();
        if (pod == null || !isPod(request.resource()) || !mayChangeSpec(request.subresource())) {
            return;
        }
        ObjectNode old = request.oldObject();
        if (old != null && old.path("spec").equals(pod.path("spec"))) {
            marks(request, pod, old);
            return;
        }
        var wanted = withHostsRuntimeClass(request, typed(withoutInlineVolumes(asWanted(pod, old))));
        PodRules.refusal(wanted).ifPresent(refused -> {
            throw ApiException.forbidden(
                    request.resource(), request.name(), refused.field() + ": " + refused.message());
        });
        var translation = profiles.translate(wanted, current());
        if (translation.workload() instanceof HostWorkload.Unsupported(String field, String message)) {
            throw ApiException.forbidden(
                    request.resource(),
                    request.name(),
                    "isolation profile \"" + translation.profile() + "\": " + field + ": " + message);
        }
        if (old != null && translation.workload() instanceof HostWorkload.HostVirtualMachine) {
            throw ApiException.forbidden(
                    request.resource(),
                    request.name(),
                    "isolation profile \"" + translation.profile() + "\": "
                            + firstChange(old.path("spec"), pod.path("spec"), "spec")
                            + ": a virtual machine's pod cannot be changed while it runs");
        }
    }

    /// A volume of the pod may show its labels and annotations, which have to fit on the host.
    private void marks(Request request, ObjectNode pod, ObjectNode old) {
        if (!old.path("metadata").equals(pod.path("metadata"))) {
            PodRules.marks(typed(pod))
                    .filter(_ -> PodRules.marks(typed(old)).isEmpty())
                    .ifPresent(refused -> {
                        throw ApiException.forbidden(
                                request.resource(), request.name(), refused.field() + ": " + refused.message());
                    });
        }
    }

    /// The path of the first field that differs.
    private static String firstChange(JsonNode old, JsonNode wanted, String path) {
        if (old.isMissingNode() || wanted.isMissingNode()) {
            return path;
        }
        var names = new TreeSet<String>();
        old.fieldNames().forEachRemaining(names::add);
        wanted.fieldNames().forEachRemaining(names::add);
        for (var name : names) {
            if (!old.path(name).equals(wanted.path(name))) {
                return firstChange(old.path(name), wanted.path(name), path + "." + name);
            }
        }
        for (int i = 0; i < Math.max(old.size(), wanted.size()); i++) {
            boolean list = old.isArray() || wanted.isArray();
            if (list && !old.path(i).equals(wanted.path(i))) {
                return firstChange(old.path(i), wanted.path(i), path + "[" + i + "]");
            }
        }
        return path;
    }

    /// Without its node, of which the syncer makes an affinity in a new pod, and which the host chose for one that
    /// runs.
    private static ObjectNode asWanted(ObjectNode pod, @Nullable ObjectNode old) {
        var node = pod.path("spec").path("nodeName");
        if (node.isMissingNode()
                || (old != null && !node.equals(old.path("spec").path("nodeName")))) {
            return pod;
        }
        ObjectNode wanted = pod.deepCopy();
        ((ObjectNode) wanted.path("spec")).remove("nodeName");
        return wanted;
    }

    /// A volume that a driver brings along is upstream's to take, whatever drivers there are: the syncer says by an
    /// Event that none is here. All else of the pod is judged as ever.
    private static ObjectNode withoutInlineVolumes(ObjectNode pod) {
        if (PodView.of(pod).spec().volumes().valueStream().noneMatch(each -> each.has(INLINE))) {
            return pod;
        }
        ObjectNode copy = pod.deepCopy();
        for (JsonNode volume : PodView.of(copy).spec().volumes()) {
            if (volume instanceof ObjectNode each && each.has(INLINE)) {
                each.remove(INLINE);
                each.putObject("emptyDir");
            }
        }
        return copy;
    }

    /// A RuntimeClass of the tenant's own is one, too.
    private Pod withHostsRuntimeClass(Request request, Pod pod) {
        var profiles = current();
        String name = pod.getSpec().getRuntimeClassName();
        if (name == null || profiles.haveRuntimeClass(name)) {
            return pod;
        }
        var classes = request.client().list(RUNTIME_CLASSES, "", Query.ALL).items().stream()
                .map(each -> serialization.convertValue(each, RuntimeClass.class))
                .toList();
        return switch (OwnRuntimeClass.of(pod, classes, profiles)) {
            case OwnRuntimeClass.None _ -> pod;
            case OwnRuntimeClass.Same(var hosts) -> naming(pod, hosts);
            case OwnRuntimeClass.Nobodys _ -> naming(pod, null);
        };
    }

    private static Pod naming(Pod pod, @Nullable String runtimeClass) {
        return new PodBuilder(pod)
                .editSpec()
                .withRuntimeClassName(runtimeClass)
                .endSpec()
                .build();
    }

    private TenantProfiles current() {
        try {
            return current.get();
        } catch (RuntimeException e) {
            throw ApiException.unavailable("the tenant's isolation profile cannot be read: " + e.getMessage());
        }
    }

    private static boolean isPod(GroupVersionResource resource) {
        return resource.group().isEmpty() && resource.resource().equals("pods");
    }

    private static boolean mayChangeSpec(String subresource) {
        return subresource.isEmpty() || subresource.equals("ephemeralcontainers") || subresource.equals("resize");
    }

    private Pod typed(ObjectNode pod) {
        try {
            return serialization.convertValue(pod, Pod.class);
        } catch (IllegalArgumentException e) {
            throw ApiException.badRequest("the pod cannot be read: " + e.getMessage());
        }
    }
}
