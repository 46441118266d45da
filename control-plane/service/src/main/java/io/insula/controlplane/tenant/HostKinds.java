package io.insula.controlplane.tenant;

import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBuilder;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.PolicyRuleBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBuilder;
import io.fabric8.kubernetes.api.model.rbac.Subject;
import io.fabric8.kubernetes.api.model.rbac.SubjectBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.insula.syncer.custom.CustomKind;
import io.insula.syncer.custom.CustomKinds;
import io.insula.syncer.engine.HostRights;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.engine.Syncer;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// What the syncer may do on the host with the custom kinds of one tenant: in that tenant's namespace and nowhere
/// else, with exactly these; and of the kinds outside of namespaces that some tenant is shown, it may read. Which they
/// were is noted on the namespace before they are opened, so that a rule that
/// goes does not leave anything behind, whoever stops in between. Thread-safe.
final class HostKinds {

    /// Annotation of a tenant's host namespace: custom kinds that may be in it.
    static final String NOTE = InsulaLabels.PREFIX + "custom-kinds";

    /// Of the role in a tenant's namespace, and of its binding.
    static final String ROLE = InsulaLabels.SYNCER + "-custom";

    /// Of the cluster-wide role by which the syncer reads what tenants are shown, and of its binding.
    static final String SHOWN_ROLE = InsulaLabels.SYNCER + "-shown";

    private static final String RBAC = "rbac.authorization.k8s.io";
    private static final Subject SYNCER = new SubjectBuilder()
            .withApiGroup(RBAC)
            .withKind("User")
            .withName(InsulaLabels.SYNCER)
            .build();

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
        boolean isShown = !before.all(true).isEmpty();
        if (isShown) {
            openShown();
        }
        open(tenant, namespace, now);
        note(namespace, now);
        if (isShown && now.all(true).isEmpty()) {
            openShown();
        }
        return now;
    }

    /// After a tenant is gone: what only it was shown is read no more.
    void forget() {
        openShown();
    }

    /// What is noted of all tenants. One at a time, or an older look would undo a later one.
    private synchronized void openShown() {
        var shown = host.namespaces().withLabel(Tenancy.TENANT_LABEL).list().getItems().stream()
                .flatMap(HostKinds::noteOf)
                .flatMap(note -> SyncedKinds.of(List.of(), note).all(true).stream())
                .distinct()
                .toList();
        var role = new ClusterRoleBuilder()
                .withMetadata(shared())
                .withRules(rules(CustomKinds.syncers(List.of(), shown)))
                .build();
        var binding = new ClusterRoleBindingBuilder()
                .withMetadata(shared())
                .withNewRoleRef(RBAC, "ClusterRole", SHOWN_ROLE)
                .withSubjects(SYNCER)
                .build();
        if (shown.isEmpty()) {
            host.resource(binding).delete();
            host.resource(role).delete();
            return;
        }
        standing.ensure(role);
        standing.ensure(binding);
    }

    private Optional<String> noted(String namespace) {
        return Stream.ofNullable(host.namespaces().withName(namespace).get())
                .flatMap(HostKinds::noteOf)
                .findFirst();
    }

    private static Stream<String> noteOf(Namespace namespace) {
        return Stream.ofNullable(namespace.getMetadata().getAnnotations())
                .flatMap(annotations -> Stream.ofNullable(annotations.get(NOTE)));
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
                .withRules(rules(CustomKinds.syncers(List.of(), kinds.all(false))))
                .build();
        var binding = new RoleBindingBuilder()
                .withMetadata(meta(tenant, namespace))
                .withNewRoleRef(RBAC, "Role", ROLE)
                .withSubjects(SYNCER)
                .build();
        if (kinds.all(false).isEmpty()) {
            host.resource(binding).delete();
            host.resource(role).delete();
            return;
        }
        standing.ensure(role);
        standing.ensure(binding);
    }

    private static List<PolicyRule> rules(List<Syncer<?>> syncers) {
        return HostRights.ofOwn(syncers).stream()
                .map(right -> new PolicyRuleBuilder()
                        .withApiGroups(right.group())
                        .withResources(right.plural())
                        .withVerbs(right.verbs().stream().sorted().toList())
                        .build())
                .toList();
    }

    private static ObjectMeta shared() {
        return new ObjectMetaBuilder()
                .withName(SHOWN_ROLE)
                .addToLabels(HostLabels.MANAGED_BY, HostLabels.CONTROL_PLANE)
                .build();
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
