package io.insula.controlplane.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.insula.controlplane.tenant.ProfileSource;
import io.insula.isolation.HostWorkload;
import io.insula.isolation.HostWorkload.HostPod;
import io.insula.isolation.HostWorkload.HostVirtualMachine;
import io.insula.isolation.HostWorkload.Unsupported;
import io.insula.isolation.Note;
import io.insula.isolation.Profiles;
import io.insula.isolation.Translation;
import io.insula.syncer.engine.TenantId;
import io.insula.syncer.kinds.PodPreview;
import io.insula.syncer.kinds.PodRules;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.server.Validation;
import java.util.function.Function;

/// Says what would become of a pod of a tenant's: by the same rules as [ProfileAdmission] and the syncer, but asking
/// nobody for the tenant's objects, so that it also works for one that sleeps. Thread-safe.
public final class PodExplanations {

    private static final GroupVersionResource PODS = new GroupVersionResource("", "v1", "pods");

    private final KubernetesSerialization serialization = new KubernetesSerialization();
    private final Profiles profiles;
    private final Validation validation;
    private final Function<String, ProfileSource> sources;

    /// @param sources the profiles of each tenant, by its name
    public PodExplanations(Profiles profiles, Validation validation, Function<String, ProfileSource> sources) {
        this.profiles = profiles;
        this.validation = validation;
        this.sources = sources;
    }

    /// `profile` and `why` it is that one, `refused` (`field`, `message`) or `host` (what stands there) and `notes`
    /// (what is not as the pod has it), and `profiles`: each of the tenant's, with what it refuses.
    ///
    /// @param tenant its name
    /// @throws IllegalArgumentException for what is no pod, or none that an API server would take, in its words
    /// @throws IllegalStateException where the tenant's profiles cannot be read
    public ObjectNode explain(String tenant, JsonNode tree) {
        Pod pod = read(tree);
        var allowed = new CurrentProfiles(profiles, sources.apply(tenant)).get();
        var host = PodPreview.of(pod, profiles, allowed, new TenantId(tenant));
        var explanation = profiles.explain(withoutNode(pod), allowed);
        ObjectNode answer =
                Json.object().put("profile", explanation.answer().profile()).put("why", explanation.why());
        var rule = PodRules.refusal(pod);
        if (rule.isPresent()) {
            // it holds whatever the profile
            refused(answer, rule.get());
        } else {
            workload(answer, explanation.answer().workload() instanceof Unsupported refused ? refused : host);
            var notes = answer.putArray("notes");
            explanation.answer().notes().stream().map(Note::text).forEach(notes::add);
        }
        var all = answer.putArray("profiles");
        explanation.all().forEach(each -> verdict(all.addObject(), each));
        return answer;
    }

    private Pod read(JsonNode tree) {
        if (!tree.path("kind").asText("Pod").equals("Pod") || !tree.path("spec").isObject()) {
            throw new IllegalArgumentException(
                    "pod: is of kind \"" + tree.path("kind").asText("") + "\" (expected: a Pod with a spec)");
        }
        validate((ObjectNode) tree);
        try {
            return serialization.convertValue(withoutNulls(tree), Pod.class);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("pod: " + e.getMessage() + " (expected: a Pod)", e);
        }
    }

    /// A pod that is there already may be asked about, too.
    private void validate(ObjectNode tree) {
        ObjectNode pod = tree.deepCopy();
        if (pod.path("metadata") instanceof ObjectNode metadata) {
            metadata.remove("resourceVersion");
        }
        String namespace = tree.path("metadata").path("namespace").asText("default");
        validation.ofNew(PODS, namespace, pod).ifPresent(refused -> {
            throw new IllegalArgumentException(refused.text());
        });
    }

    /// As an API server has it: a field that is null is not there.
    ///
    /// @throws IllegalArgumentException for a null in a list
    private static JsonNode withoutNulls(JsonNode tree) {
        if (tree instanceof ObjectNode object) {
            ObjectNode clean = Json.object();
            object.properties().stream()
                    .filter(each -> !each.getValue().isNull())
                    .forEach(each -> clean.set(each.getKey(), withoutNulls(each.getValue())));
            return clean;
        }
        if (tree.isArray()) {
            var clean = Json.MAPPER.createArrayNode();
            for (JsonNode each : tree) {
                if (each.isNull()) {
                    throw new IllegalArgumentException("null in a list");
                }
                clean.add(withoutNulls(each));
            }
            return clean;
        }
        return tree;
    }

    /// The syncer makes an affinity of it.
    private static Pod withoutNode(Pod pod) {
        return pod.edit().editSpec().withNodeName(null).endSpec().build();
    }

    private void workload(ObjectNode answer, HostWorkload workload) {
        switch (workload) {
            case HostPod(var made) -> answer.set("host", serialization.convertValue(made, JsonNode.class));
            case HostVirtualMachine(var machine, var _) ->
                answer.set("host", serialization.convertValue(machine, JsonNode.class));
            case Unsupported refused -> refused(answer, refused);
        }
    }

    private static void refused(ObjectNode answer, Unsupported refused) {
        answer.putObject("refused").put("field", refused.field()).put("message", refused.message());
    }

    private static void verdict(ObjectNode tree, Translation translation) {
        tree.put("name", translation.profile());
        if (translation.workload() instanceof Unsupported refused) {
            refused(tree, refused);
        }
    }
}
