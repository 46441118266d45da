package io.insula.controlplane.tenant;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingAdmissionPolicy;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingAdmissionPolicyBinding;
import io.fabric8.kubernetes.api.model.node.v1.RuntimeClass;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.insula.isolation.HostClaimPolicy;
import io.insula.isolation.HostFacts;
import io.insula.isolation.HostNetworkPolicy;
import io.insula.isolation.HostPolicy;
import io.insula.isolation.ProfileSettings;
import io.insula.isolation.Profiles;
import io.insula.syncer.engine.InsulaLabels;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The host's admission policies: one for all tenants' namespaces, one for the
/// tenants themselves, one per profile, each with its binding. They refuse
/// what no profile would have made, whoever asks, the syncer included. Thread-safe.
///
/// Asking again for what stands costs nothing until [#lookAgain] says that something may have changed.
final class HostPolicies {

    private final KubernetesClient host;
    private final Standing standing;
    private final HostPriorities priorities;
    private final Profiles known;
    private final KubernetesSerialization serialization = new KubernetesSerialization();
    private final Map<String, Map<String, Object>> stands = new ConcurrentHashMap<>();
    private final AtomicBoolean changed = new AtomicBoolean();
    private final Map<String, HostFacts> facts = new ConcurrentHashMap<>();

    HostPolicies(KubernetesClient host, Standing standing, Profiles known) {
        this.host = host;
        this.standing = standing;
        this.priorities = new HostPriorities(host);
        this.known = known;
    }

    /// Returns when the policies of these profiles stand.
    synchronized void ensure(List<ProfileSettings> profiles) {
        if (changed.getAndSet(false)) {
            stands.clear();
            facts.clear();
            priorities.lookAgain();
            removeUnused();
        }
        profiles.forEach(priorities::ensure);
        ensure("insula-tenants", "", HostPolicy.tenants(known));
        ensure(DeletionProtection.POLICY, "", DeletionProtection.spec());
        ensure(HostClaimPolicy.NAME, "", HostClaimPolicy.spec(InsulaLabels.SYNCER));
        ensure(HostNetworkPolicy.NAME, "", HostNetworkPolicy.spec(InsulaLabels.SYNCER));
        ensure("insula-tenant-objects", "", HostPolicy.objects(InsulaLabels.SYNCER));
        ensure("insula-tenant-namespaces", "", HostPolicy.namespaces(InsulaLabels.SYNCER, InsulaLabels.CLUSTER_UID));
        profiles.forEach(profile -> ensure(
                HostPolicy.nameOf(profile.name()),
                profile.name(),
                HostPolicy.spec(profile, facts.computeIfAbsent(profile.name(), _ -> read(profile)))));
    }

    /// The PriorityClasses that pods of a profile have, or had when it gave others.
    synchronized SortedSet<String> priorityClasses(ProfileSettings profile) {
        return priorities.ensure(profile);
    }

    /// Somebody may have changed a policy, a profile, a RuntimeClass or a PriorityClass.
    void lookAgain() {
        changed.set(true);
    }

    /// Removes the policies of profiles that are gone and that no namespace allows any more.
    private void removeUnused() {
        var existing = Stream.concat(
                        host.resources(IsolationProfileResource.class).list().getItems().stream()
                                .map(profile -> profile.getMetadata().getName()),
                        host.namespaces().withLabel(Tenancy.TENANT_LABEL).list().getItems().stream()
                                .flatMap(HostPolicies::allowed))
                .collect(Collectors.toSet());
        priorities.removeUnless(existing);
        host.resources(ValidatingAdmissionPolicyBinding.class)
                .withLabel(HostLabels.PROFILE_POLICY)
                .list()
                .getItems()
                .forEach(binding -> removeUnless(existing, binding));
        host.resources(ValidatingAdmissionPolicy.class)
                .withLabel(HostLabels.PROFILE_POLICY)
                .list()
                .getItems()
                .forEach(policy -> removeUnless(existing, policy));
    }

    private static Stream<String> allowed(HasMetadata namespace) {
        var annotations = namespace.getMetadata().getAnnotations();
        return annotations == null
                ? Stream.empty()
                : Stream.of(annotations.getOrDefault(HostPolicy.ALLOWED, "").split(","));
    }

    private void removeUnless(Set<String> existing, HasMetadata policy) {
        var annotations = Optional.ofNullable(policy.getMetadata().getAnnotations());
        var profile = annotations.map(all -> all.get(HostPolicy.PROFILE)).orElse("");
        if (!existing.contains(profile)) {
            host.resource(policy).delete();
        }
    }

    private void ensure(String name, String profile, Map<String, Object> spec) {
        if (spec.equals(stands.get(name))) {
            return;
        }
        // the policy first: a binding without one refuses nothing
        standing.ensure(object("ValidatingAdmissionPolicy", ValidatingAdmissionPolicy.class, name, profile, spec));
        standing.ensure(object(
                "ValidatingAdmissionPolicyBinding",
                ValidatingAdmissionPolicyBinding.class,
                name,
                profile,
                HostPolicy.binding(name)));
        stands.put(name, spec);
    }

    private <T extends HasMetadata> T object(
            String kind, Class<T> type, String name, String profile, Map<String, Object> spec) {
        var labels = new java.util.TreeMap<String, String>(Map.of(HostLabels.MANAGED_BY, HostLabels.CONTROL_PLANE));
        var annotations = new java.util.TreeMap<String, String>();
        if (!profile.isEmpty()) {
            labels.put(HostLabels.PROFILE_POLICY, "true");
            annotations.put(HostPolicy.PROFILE, profile);
        }
        return serialization.convertValue(
                Map.of(
                        "apiVersion",
                        "admissionregistration.k8s.io/v1",
                        "kind",
                        kind,
                        "metadata",
                        Map.of("name", name, "labels", labels, "annotations", annotations),
                        "spec",
                        spec),
                type);
    }

    /// What the host adds to pods by itself.
    private HostFacts read(ProfileSettings profile) {
        var runtime = profile.runtimeClassName().isEmpty()
                ? null
                : host.resources(RuntimeClass.class)
                        .withName(profile.runtimeClassName())
                        .get();
        return new HostFacts(
                runtime == null || runtime.getScheduling() == null
                        ? List.of()
                        : runtime.getScheduling().getTolerations());
    }
}
