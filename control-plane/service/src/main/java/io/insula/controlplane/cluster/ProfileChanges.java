package io.insula.controlplane.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.insula.controlplane.tenant.IsolationProfileResource;
import io.insula.controlplane.tenant.ProfileSource;
import io.insula.controlplane.tenant.Tenant;
import io.insula.isolation.HostPolicy;
import io.insula.isolation.HostWorkload;
import io.insula.isolation.HostWorkload.HostPod;
import io.insula.isolation.HostWorkload.HostVirtualMachine;
import io.insula.isolation.HostWorkload.Unsupported;
import io.insula.isolation.NodeFit;
import io.insula.isolation.ProfileSettings;
import io.insula.isolation.Profiles;
import io.insula.isolation.TenantProfiles;
import io.insula.isolation.Translation;
import io.insula.tenantapi.api.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/// Says what another state of an isolation profile would mean for the pods that run: which would be refused, get
/// another profile, be another host pod, or run on other nodes, were they made anew. Until then they stay as they are.
/// By the same rules as the syncer, pod by pod; quotas are not counted. Thread-safe.
public final class ProfileChanges {

    private static final int NAMED_FIELDS = 20;

    private final KubernetesSerialization serialization = new KubernetesSerialization();
    private final Profiles profiles;
    private final KubernetesClient host;
    private final Function<String, ProfileSource> sources;
    private final Function<String, Optional<List<ObjectNode>>> pods;

    /// @param sources the profiles of each tenant, by its name
    /// @param pods those of a tenant; empty while it does not run
    public ProfileChanges(
            Profiles profiles,
            KubernetesClient host,
            Function<String, ProfileSource> sources,
            Function<String, Optional<List<ObjectNode>>> pods) {
        this.profiles = profiles;
        this.host = host;
        this.sources = sources;
        this.pods = pods;
    }

    /// `from` and `to` (versions; no `from` of a profile that is not there), `tenants` that have it, `unasked` (those
    /// of them that do not run), `unchanged` (how many of its pods stay the same) and `pods`: of each other one
    /// `tenant`, `namespace`, `name`, `node`, `outcome` (`refused`, `moved`, `elsewhere`, `replaced`) and what
    /// is about it: `field` and `message`, `profile`, `changes`.
    ///
    /// @throws IllegalArgumentException for a spec that is none
    public ObjectNode preview(String name, JsonNode spec) {
        var changed = profiles.settings(name, map(spec));
        var answer = Json.object();
        var resource =
                host.resources(IsolationProfileResource.class).withName(name).get();
        if (resource != null) {
            version(name, resource).ifPresent(from -> answer.put("from", from));
        }
        answer.put("to", changed.version());
        var having = answer.putArray("tenants");
        var unasked = answer.putArray("unasked");
        var told = answer.putArray("pods");
        int unchanged = 0;
        var nodes = host.nodes().list().getItems();
        for (var tenant : host.resources(Tenant.class).list().getItems()) {
            var id = tenant.getMetadata().getName();
            if (!Stream.concat(Stream.of(tenant.getSpec().profile()), tenant.getSpec().allowed().stream())
                    .toList()
                    .contains(name)) {
                continue;
            }
            having.add(id);
            var all = pods.apply(id);
            if (all.isEmpty()) {
                unasked.add(id);
                continue;
            }
            var now = new CurrentProfiles(profiles, sources.apply(id)).get();
            for (var pod : all.get()) {
                var outcome = outcome(pod, now, now.with(changed), name, nodes);
                if (outcome.isEmpty()) {
                    continue;
                }
                if (outcome.get().isEmpty()) {
                    unchanged++;
                    continue;
                }
                var entry = told.addObject()
                        .put("tenant", id)
                        .put("namespace", pod.at("/metadata/namespace").asText())
                        .put("name", pod.at("/metadata/name").asText())
                        .put("node", pod.at("/spec/nodeName").asText(""));
                entry.setAll(outcome.get());
            }
        }
        answer.put("unchanged", unchanged);
        return answer;
    }

    /// Empty for a spec that cannot be read.
    private Optional<String> version(String name, IsolationProfileResource resource) {
        try {
            return Optional.of(profiles.settings(name, resource.getSpec()).version());
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> map(JsonNode spec) {
        return Json.MAPPER.convertValue(spec, Map.class);
    }

    /// Empty for a pod that is none of the profile's, without fields for one that stays the same.
    private Optional<ObjectNode> outcome(
            ObjectNode tree, TenantProfiles now, TenantProfiles then, String profile, List<Node> nodes) {
        var phase = tree.at("/status/phase").asText("");
        if (phase.equals("Succeeded")
                || phase.equals("Failed")
                || tree.at("/metadata").has("deletionTimestamp")) {
            return Optional.empty();
        }
        Pod pod = serialization
                .convertValue(tree, Pod.class)
                .edit()
                .editSpec()
                .withNodeName(null)
                .endSpec()
                .build();
        var before = profiles.translate(pod, now);
        var after = profiles.translate(pod, then);
        if (!before.profile().equals(profile) && !after.profile().equals(profile)) {
            return Optional.empty();
        }
        return Optional.of(outcome(before, after, now, then, node(tree, nodes)));
    }

    private ObjectNode outcome(
            Translation before, Translation after, TenantProfiles now, TenantProfiles then, Optional<Node> node) {
        var told = Json.object();
        if (after.workload() instanceof Unsupported(var field, var message)) {
            return before.workload() instanceof Unsupported
                    ? told
                    : told.put("outcome", "refused").put("field", field).put("message", message);
        }
        if (!after.profile().equals(before.profile())) {
            return told.put("outcome", "moved").put("profile", after.profile());
        }
        var fields = new ArrayList<String>();
        differences("", tree(before.workload()), tree(after.workload()), fields);
        if (!annotations(now, before).equals(annotations(then, after))) {
            fields.add("metadata.annotations");
        }
        boolean isElsewhere = node.filter(each -> settings(then, after)
                        .filter(settings -> !NodeFit.fits(each, settings))
                        .isPresent())
                .isPresent();
        if (!isElsewhere && fields.isEmpty()) {
            return told;
        }
        told.put("outcome", isElsewhere ? "elsewhere" : "replaced");
        var changes = told.putArray("changes");
        fields.stream().limit(NAMED_FIELDS).forEach(changes::add);
        return told;
    }

    private static Optional<Node> node(ObjectNode pod, List<Node> nodes) {
        var name = pod.at("/spec/nodeName").asText("");
        return nodes.stream()
                .filter(each -> each.getMetadata().getName().equals(name))
                .findFirst();
    }

    private static Optional<ProfileSettings> settings(TenantProfiles profiles, Translation made) {
        return profiles.all().stream()
                .filter(each -> each.name().equals(made.profile()))
                .findFirst();
    }

    private static Map<String, String> annotations(TenantProfiles profiles, Translation made) {
        var all = new java.util.TreeMap<>(profiles.hostAnnotations(made.profile()));
        all.remove(HostPolicy.PROFILE_VERSION);
        return all;
    }

    private JsonNode tree(HostWorkload workload) {
        return switch (workload) {
            case HostPod(var pod) -> serialization.convertValue(pod, JsonNode.class);
            case HostVirtualMachine(var machine, var _) -> serialization.convertValue(machine, JsonNode.class);
            case Unsupported _ -> Json.object();
        };
    }

    /// Paths of what is not the same, lists as wholes.
    private static void differences(String path, JsonNode one, JsonNode other, List<String> found) {
        if (Objects.equals(one, other)) {
            return;
        }
        if (!one.isObject() || !other.isObject()) {
            found.add(path);
            return;
        }
        var names = new java.util.TreeSet<String>();
        one.fieldNames().forEachRemaining(names::add);
        other.fieldNames().forEachRemaining(names::add);
        names.forEach(name ->
                differences(path.isEmpty() ? name : path + "." + name, one.path(name), other.path(name), found));
    }
}
