package io.insula.controlplane.tenant;

import io.fabric8.kubernetes.api.model.scheduling.v1.PriorityClass;
import io.fabric8.kubernetes.api.model.scheduling.v1.PriorityClassBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.insula.isolation.HostPolicy;
import io.insula.isolation.ProfileSettings;
import java.util.Collections;
import java.util.Comparator;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The host's PriorityClasses of each profile, by which a ResourceQuota tells its pods from others. A profile's own
/// is as the host's default class is, so that tenants' pods are neither more nor less than pods that name none; each
/// of those that it gives besides is as the class that it is named after. Thread-safe: used under the lock of
/// [HostPolicies].
final class HostPriorities {

    private static final Logger LOG = LoggerFactory.getLogger(HostPriorities.class);
    private static final int CONFLICT = 409;

    private final KubernetesClient host;
    private final Map<String, Classes> stands = new ConcurrentHashMap<>();

    /// @param given what the profile gave when it was looked at
    /// @param counted all that pods of the profile may have had
    private record Classes(Map<String, String> given, SortedSet<String> counted) {}

    HostPriorities(KubernetesClient host) {
        this.host = host;
    }

    void lookAgain() {
        stands.clear();
    }

    /// Returns when the profile's classes stand and are as they should be.
    ///
    /// @return the names of those that its pods have or had: what the profile gave once is kept while the profile
    ///     is there, as pods may still run with it, and count
    SortedSet<String> ensure(ProfileSettings profile) {
        var given = profile.priorityClassNames();
        var standing = stands.get(profile.name());
        if (standing != null && standing.given().equals(given)) {
            return standing.counted();
        }
        var all = host.resources(PriorityClass.class).list().getItems().stream()
                .collect(Collectors.toMap(each -> each.getMetadata().getName(), each -> each));
        given.forEach((name, like) -> wanted(profile, name, like, all)
                .ifPresentOrElse(
                        wanted -> ensure(wanted, all.get(name)), () -> removeUnlike(profile, like, all.get(name))));
        var counted = all.values().stream()
                .filter(each -> isOf(profile, each))
                .map(each -> each.getMetadata().getName())
                .collect(Collectors.toCollection(TreeSet::new));
        counted.addAll(given.keySet());
        stands.put(profile.name(), new Classes(given, Collections.unmodifiableSortedSet(counted)));
        return counted;
    }

    private void ensure(PriorityClass wanted, @Nullable PriorityClass current) {
        if (current != null && isSame(current, wanted)) {
            return;
        }
        if (current != null) {
            // its value cannot be changed; pods that run keep what they have, and in between none is admitted
            LOG.atInfo().addKeyValue("name", wanted.getMetadata().getName()).log("priority class is made anew");
            host.resource(current)
                    .lockResourceVersion(current.getMetadata().getResourceVersion())
                    .delete();
        }
        create(wanted);
    }

    /// Pods that run keep what they have; the profile's status says what is missing.
    private void removeUnlike(ProfileSettings profile, String like, @Nullable PriorityClass current) {
        LOG.atWarn()
                .addKeyValue("profile", profile.name())
                .addKeyValue("name", like)
                .log("the host has no priority class that the profile gives");
        if (current != null && isOf(profile, current)) {
            host.resource(current).delete();
        }
    }

    private void create(PriorityClass wanted) {
        try {
            host.resource(wanted).create();
        } catch (KubernetesClientException e) {
            // another instance did
            if (e.getCode() != CONFLICT) {
                throw e;
            }
        }
    }

    /// @param like the class whose value it has; empty for the host's default
    private static Optional<PriorityClass> wanted(
            ProfileSettings profile, String name, String like, Map<String, PriorityClass> all) {
        if (!like.isEmpty()) {
            return Optional.ofNullable(all.get(like)).map(source -> wanted(profile, name, Optional.of(source)));
        }
        // of several defaults the lowest counts. Source: kubernetes/plugin/pkg/admission/priority
        var standard = all.values().stream()
                .filter(each -> Boolean.TRUE.equals(each.getGlobalDefault()))
                .min(Comparator.comparing(PriorityClass::getValue));
        return Optional.of(wanted(profile, name, standard));
    }

    private static PriorityClass wanted(ProfileSettings profile, String name, Optional<PriorityClass> source) {
        return new PriorityClassBuilder()
                .withNewMetadata()
                .withName(name)
                .addToLabels(HostLabels.MANAGED_BY, HostLabels.CONTROL_PLANE)
                .addToLabels(HostLabels.PROFILE_POLICY, "true")
                .addToAnnotations(HostPolicy.PROFILE, profile.name())
                .endMetadata()
                .withDescription("Pods of the isolation profile " + profile.name() + ", for their quota.")
                .withValue(source.map(PriorityClass::getValue).orElse(0))
                .withPreemptionPolicy(
                        source.map(PriorityClass::getPreemptionPolicy).orElse("PreemptLowerPriority"))
                .withGlobalDefault(false)
                .build();
    }

    private static boolean isOf(ProfileSettings profile, PriorityClass each) {
        var annotations = each.getMetadata().getAnnotations();
        return each.getMetadata().getLabels() != null
                && each.getMetadata().getLabels().containsKey(HostLabels.PROFILE_POLICY)
                && annotations != null
                && profile.name().equals(annotations.get(HostPolicy.PROFILE));
    }

    private static boolean isSame(PriorityClass one, PriorityClass other) {
        return Objects.equals(one.getValue(), other.getValue())
                && Objects.equals(one.getPreemptionPolicy(), other.getPreemptionPolicy())
                && !Boolean.TRUE.equals(one.getGlobalDefault())
                && HostLabels.CONTROL_PLANE.equals(one.getMetadata().getLabels().get(HostLabels.MANAGED_BY));
    }

    /// @param existing names of the profiles that are, or that a namespace allows
    void removeUnless(Set<String> existing) {
        host.resources(PriorityClass.class).withLabel(HostLabels.PROFILE_POLICY).list().getItems().stream()
                .filter(each ->
                        !existing.contains(each.getMetadata().getAnnotations().getOrDefault(HostPolicy.PROFILE, "")))
                .forEach(each -> host.resource(each).delete());
    }
}
