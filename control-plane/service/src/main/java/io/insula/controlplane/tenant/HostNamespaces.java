package io.insula.controlplane.tenant;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LimitRangeBuilder;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuotaBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.insula.isolation.HostPolicy;
import io.insula.isolation.NetworkReach;
import io.insula.isolation.ProfileSettings;
import io.insula.isolation.Profiles;
import io.insula.isolation.TenantProfiles;
import io.insula.reconcile.Outcome;
import io.insula.reconcile.Outcome.RequeueAfter;
import io.insula.reconcile.Outcome.Settled;
import io.insula.reconcile.Outcome.Terminal;
import io.insula.syncer.custom.CustomKind;
import io.insula.syncer.engine.InsulaLabels;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The host namespace of each tenant with the walls around it: pod-security level, profiles, quota, network, and the
/// syncer's rights in it. All of it is kept: what is changed by hand is put right at the next look. Thread-safe.
///
/// The order matters: a namespace allows a profile only after the profile's policy stands.
final class HostNamespaces {

    private static final Logger LOG = LoggerFactory.getLogger(HostNamespaces.class);
    private static final Duration SOON = Duration.ofMillis(300);
    private static final String ENFORCE = "pod-security.kubernetes.io/enforce";
    /// The name of the namespace's own ResourceQuota, and of its LimitRange.
    private static final String QUOTA = "insula";
    private static final String SYNCER_ROLE = InsulaLabels.SYNCER + "-tenant";
    private static final String RBAC = "rbac.authorization.k8s.io";

    private final KubernetesClient host;
    private final Standing standing;
    private final HostPolicies policies;
    private final Profiles known;

    HostNamespaces(KubernetesClient host, Profiles known) {
        this.host = host;
        this.standing = new Standing(host);
        this.policies = new HostPolicies(host, standing, known);
        this.known = known;
    }

    HostPolicies policies() {
        return policies;
    }

    /// Makes what is missing and puts right what is not as it should be.
    ///
    /// @param source not a cached one
    Outcome ensure(Tenant tenant, ProfileSource source) {
        String name = Tenancy.hostNamespace(tenant.getMetadata().getName());
        Namespace existing = host.namespaces().withName(name).get();
        if (existing != null && existing.isMarkedForDeletion()) {
            return new RequeueAfter(SOON, "the end of the namespace " + name + " of an earlier tenant");
        }
        if (existing != null && !isOwned(existing, tenant.getMetadata().getName())) {
            return new Terminal(
                    "NamespaceTaken", "namespace \"" + name + "\" exists and is not this tenant's: remove it");
        }
        List<ProfileSettings> profiles;
        TenantLimits limits;
        try {
            var choice = source.current();
            profiles = profiles(choice);
            limits = choice.limits();
        } catch (IllegalArgumentException | IllegalStateException e) {
            if (existing == null) {
                return new Terminal("InvalidProfile", String.valueOf(e.getMessage()));
            }
            // no pod is admitted while it is so; the walls stay, and so does what runs
            LOG.atWarn().addKeyValue("tenant", name).setCause(e).log("the tenant's isolation profile cannot be read");
            return new Settled();
        }
        policies.ensure(profiles);
        standing.ensure(namespace(tenant, name, profiles));
        standing.ensure(quota(tenant, name, profiles, limits));
        ensureQuotas(tenant, name, profiles);
        ensureLimits(tenant, name, profiles);
        ensureNetworks(tenant, name, reach(profiles));
        standing.ensure(syncer(tenant, name));
        return new Settled();
    }

    static boolean isOwned(HasMetadata namespace, String tenant) {
        return tenantOf(namespace).equals(tenant);
    }

    /// Whose a namespace, or something in one, is; empty for nobody's.
    static String tenantOf(HasMetadata object) {
        var labels = object.getMetadata().getLabels();
        return labels == null ? "" : labels.getOrDefault(Tenancy.TENANT_LABEL, "");
    }

    /// The standard profile first. One of the others that cannot be read is not allowed.
    private List<ProfileSettings> profiles(ProfileSource.Choice choice) {
        var all = new ArrayList<ProfileSettings>();
        all.add(settings(choice.standard()));
        for (var profile : choice.allowed()) {
            try {
                all.add(settings(profile));
            } catch (IllegalArgumentException e) {
                LOG.atWarn()
                        .addKeyValue("profile", profile.name())
                        .setCause(e)
                        .log("an isolation profile cannot be read, and is not allowed");
            }
        }
        return all;
    }

    private ProfileSettings settings(ProfileSource.Profile profile) {
        try {
            HostPolicy.nameOf(profile.name());
            return known.settings(profile.name(), profile.spec());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("isolation profile \"" + profile.name() + "\": " + e.getMessage(), e);
        }
    }

    private static Namespace namespace(Tenant tenant, String name, List<ProfileSettings> profiles) {
        var level = profiles.stream()
                .map(HostPolicy::podSecurity)
                .min(Comparator.naturalOrder())
                .orElseThrow();
        return new NamespaceBuilder()
                .withNewMetadata()
                .withName(name)
                .addToLabels(Tenancy.TENANT_LABEL, tenant.getMetadata().getName())
                .addToLabels(ENFORCE, level.label())
                .addToLabels(ENFORCE + "-version", "latest")
                .addToAnnotations("insula.io/tenant-uid", tenant.getMetadata().getUid())
                .addToAnnotations(
                        HostPolicy.ALLOWED,
                        profiles.stream().map(ProfileSettings::name).distinct().collect(Collectors.joining(",")))
                .addToAnnotations(reach(profiles).annotations())
                .endMetadata()
                .build();
    }

    private HasMetadata quota(Tenant tenant, String namespace, List<ProfileSettings> profiles, TenantLimits limits) {
        var hard = HostQuota.of(profiles, limits);
        hard.keySet().removeAll(uncounted(tenant));
        return new ResourceQuotaBuilder()
                .withMetadata(meta(tenant, namespace, QUOTA))
                .withNewSpec()
                .withHard(hard)
                .endSpec()
                .build();
    }

    /// Limits of custom kinds that the host does not serve: a quota that is to count one counts it minutes after it is
    /// there, and refuses it until then. One that is added when the kind is there counts at once.
    private Set<String> uncounted(Tenant tenant) {
        return tenant.getSpec().customKinds().stream()
                .filter(kind -> !kind.isUp() && !isServed(kind))
                .map(TenantLimits::ofCustomKind)
                .collect(Collectors.toSet());
    }

    private boolean isServed(CustomKind kind) {
        var served = host.getApiResources(kind.kind().apiVersion());
        return served != null
                && served.getResources().stream()
                        .anyMatch(each -> each.getName().equals(kind.kind().plural()));
    }

    /// One for each profile that has a quota, and no other.
    private void ensureQuotas(Tenant tenant, String namespace, List<ProfileSettings> profiles) {
        var kept = new HashSet<>(Set.of(QUOTA));
        for (var profile : profiles) {
            var hard = HostQuota.ofProfile(profile);
            if (!hard.isEmpty() && kept.add(HostPolicy.nameOf(profile.name()))) {
                standing.ensure(quota(tenant, namespace, profile, hard));
            }
        }
        host
                .resourceQuotas()
                .inNamespace(namespace)
                .withLabel(HostLabels.MANAGED_BY, HostLabels.CONTROL_PLANE)
                .list()
                .getItems()
                .stream()
                .filter(each -> !kept.contains(each.getMetadata().getName()))
                .forEach(each -> host.resource(each).delete());
    }

    private void ensureLimits(Tenant tenant, String namespace, List<ProfileSettings> profiles) {
        var items = HostLimits.of(profiles);
        if (!items.isEmpty()) {
            standing.ensure(new LimitRangeBuilder()
                    .withMetadata(meta(tenant, namespace, QUOTA))
                    .withNewSpec()
                    .withLimits(items)
                    .endSpec()
                    .build());
            return;
        }
        host.limitRanges()
                .inNamespace(namespace)
                .withLabel(HostLabels.MANAGED_BY, HostLabels.CONTROL_PLANE)
                .list()
                .getItems()
                .forEach(each -> host.resource(each).delete());
    }

    private void ensureNetworks(Tenant tenant, String namespace, NetworkReach reach) {
        var nodes = HostNetworks.needsNodes(reach) ? host.nodes().list().getItems() : List.<Node>of();
        var kept = new HashSet<String>();
        for (var policy : HostNetworks.of(reach, nodes)) {
            kept.add(policy.getMetadata().getName());
            policy.setMetadata(meta(tenant, namespace, policy.getMetadata().getName()));
            standing.ensure(policy);
        }
        host
                .network()
                .v1()
                .networkPolicies()
                .inNamespace(namespace)
                .withLabel(HostLabels.MANAGED_BY, HostLabels.CONTROL_PLANE)
                .list()
                .getItems()
                .stream()
                .filter(each -> !kept.contains(each.getMetadata().getName()))
                .forEach(each -> host.resource(each).delete());
    }

    private static NetworkReach reach(List<ProfileSettings> profiles) {
        return new TenantProfiles(profiles.getFirst(), profiles).network();
    }

    private HasMetadata quota(Tenant tenant, String namespace, ProfileSettings profile, Map<String, Quantity> hard) {
        return new ResourceQuotaBuilder()
                .withMetadata(meta(tenant, namespace, HostPolicy.nameOf(profile.name())))
                .withNewSpec()
                .withHard(hard)
                .withNewScopeSelector()
                .addNewMatchExpression()
                .withScopeName("PriorityClass")
                .withOperator("In")
                .withValues(List.copyOf(policies.priorityClasses(profile)))
                .endMatchExpression()
                .endScopeSelector()
                .endSpec()
                .build();
    }

    private static HasMetadata syncer(Tenant tenant, String namespace) {
        return new RoleBindingBuilder()
                .withMetadata(meta(tenant, namespace, InsulaLabels.SYNCER))
                .withNewRoleRef(RBAC, "ClusterRole", SYNCER_ROLE)
                .addNewSubject()
                .withApiGroup(RBAC)
                .withKind("User")
                .withName(InsulaLabels.SYNCER)
                .endSubject()
                .build();
    }

    private static ObjectMeta meta(Tenant tenant, String namespace, String name) {
        return new ObjectMetaBuilder()
                .withNamespace(namespace)
                .withName(name)
                .addToLabels(Tenancy.TENANT_LABEL, tenant.getMetadata().getName())
                .addToLabels(HostLabels.MANAGED_BY, HostLabels.CONTROL_PLANE)
                .build();
    }
}
