package io.insula.controlplane.tenant;

import io.fabric8.kubernetes.api.model.scheduling.v1.PriorityClass;
import io.fabric8.kubernetes.api.model.scheduling.v1.PriorityClassBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.insula.isolation.HostPolicy;
import io.insula.isolation.ProfileSettings;
import java.util.Comparator;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The host's PriorityClass of each profile, by which a ResourceQuota tells its pods from others. All are as the host's
/// own default class is, so that tenants' pods are neither more nor less than pods that name none. Thread-safe: used
/// under the lock of [HostPolicies].
final class HostPriorities {

    private static final Logger LOG = LoggerFactory.getLogger(HostPriorities.class);
    private static final int CONFLICT = 409;

    private final KubernetesClient host;
    private final Set<String> stands = ConcurrentHashMap.newKeySet();

    HostPriorities(KubernetesClient host) {
        this.host = host;
    }

    void lookAgain() {
        stands.clear();
    }

    /// Returns when the profile's class stands and is as it should be.
    void ensure(ProfileSettings profile) {
        if (stands.contains(profile.name())) {
            return;
        }
        var wanted = wanted(profile);
        var current = host.resource(wanted).get();
        if (current != null && !isSame(current, wanted)) {
            // its value cannot be changed; pods that run keep what they have, and in between none is admitted
            LOG.atInfo().addKeyValue("name", wanted.getMetadata().getName()).log("priority class is made anew");
            host.resource(current)
                    .lockResourceVersion(current.getMetadata().getResourceVersion())
                    .delete();
            current = null;
        }
        if (current == null) {
            create(wanted);
        }
        stands.add(profile.name());
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

    private PriorityClass wanted(ProfileSettings profile) {
        // of several defaults the lowest counts. Source: kubernetes/plugin/pkg/admission/priority
        var standard = host.resources(PriorityClass.class).list().getItems().stream()
                .filter(each -> Boolean.TRUE.equals(each.getGlobalDefault()))
                .min(Comparator.comparing(PriorityClass::getValue));
        return new PriorityClassBuilder()
                .withNewMetadata()
                .withName(profile.priorityClassName())
                .addToLabels(HostLabels.MANAGED_BY, HostLabels.CONTROL_PLANE)
                .addToLabels(HostLabels.PROFILE_POLICY, "true")
                .addToAnnotations(HostPolicy.PROFILE, profile.name())
                .endMetadata()
                .withDescription("Pods of the isolation profile " + profile.name() + ", for their quota.")
                .withValue(standard.map(PriorityClass::getValue).orElse(0))
                .withPreemptionPolicy(
                        standard.map(PriorityClass::getPreemptionPolicy).orElse("PreemptLowerPriority"))
                .withGlobalDefault(false)
                .build();
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
