package io.insula.controlplane.tenant;

import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.rbac.PolicyRuleBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.insula.syncer.custom.CustomKind;
import io.insula.syncer.engine.HostRights;
import io.insula.syncer.engine.InsulaLabels;
import java.util.List;
import java.util.Optional;

/// What the syncer may do on the host with the custom kinds of one tenant: in that tenant's namespace and nowhere
/// else, with exactly these. Which they were is noted on the namespace before they are opened, so that a rule that
/// goes does not leave anything behind, whoever stops in between. Thread-safe.
final class HostKinds {

    /// Annotation of a tenant's host namespace: custom kinds that may be in it.
    static final String NOTE = InsulaLabels.PREFIX + "custom-kinds";

    /// Of the role in a tenant's namespace, and of its binding.
    static final String ROLE = InsulaLabels.SYNCER + "-custom";

    private static final String RBAC = "rbac.authorization.k8s.io";

    private final KubernetesClient host;
    private final Standing standing;

    HostKinds(KubernetesClient host) {
        this.host = host;
        this.standing = new Standing(host);
    }

    /// The kinds that hold now: those of the rules, and those that are not gone yet.
    ///
    /// @param gone which of those that no rule names are
    SyncedKinds ensure(String tenant, List<CustomKind> rules, List<String> gone) {
        String namespace = Tenancy.hostNamespace(tenant);
        var noted = noted(namespace);
        var before = SyncedKinds.of(rules, noted.orElse(""));
        var now = before.without(gone);
        if (noted.orElse("").isEmpty() && now.all().isEmpty()) {
            return now;
        }
        note(namespace, before);
        open(tenant, namespace, now);
        note(namespace, now);
        return now;
    }

    private Optional<String> noted(String namespace) {
        return Optional.ofNullable(host.namespaces().withName(namespace).get())
                .map(Namespace::getMetadata)
                .map(ObjectMeta::getAnnotations)
                .map(annotations -> annotations.get(NOTE));
    }

    private void note(String namespace, SyncedKinds kinds) {
        standing.ensure(new NamespaceBuilder()
                .withNewMetadata()
                .withName(namespace)
                .addToAnnotations(NOTE, kinds.note())
                .endMetadata()
                .build());
    }

    private void open(String tenant, String namespace, SyncedKinds kinds) {
        var role = new RoleBuilder()
                .withMetadata(meta(tenant, namespace))
                .withRules(HostRights.ofOwn(kinds.syncers()).stream()
                        .map(right -> new PolicyRuleBuilder()
                                .withApiGroups(right.group())
                                .withResources(right.plural())
                                .withVerbs(right.verbs().stream().sorted().toList())
                                .build())
                        .toList())
                .build();
        var binding = new RoleBindingBuilder()
                .withMetadata(meta(tenant, namespace))
                .withNewRoleRef(RBAC, "Role", ROLE)
                .addNewSubject()
                .withApiGroup(RBAC)
                .withKind("User")
                .withName(InsulaLabels.SYNCER)
                .endSubject()
                .build();
        if (kinds.all().isEmpty()) {
            host.resource(binding).delete();
            host.resource(role).delete();
            return;
        }
        standing.ensure(role);
        standing.ensure(binding);
    }

    private static ObjectMeta meta(String tenant, String namespace) {
        return new ObjectMetaBuilder()
                .withNamespace(namespace)
                .withName(ROLE)
                .addToLabels(Tenancy.TENANT_LABEL, tenant)
                .addToLabels(HostLabels.MANAGED_BY, HostLabels.CONTROL_PLANE)
                .build();
    }
}
