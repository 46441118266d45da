package io.insula.tenantapi.rbac;

import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.auth.Attributes;
import io.insula.tenantapi.auth.Authorizer;
import io.insula.tenantapi.auth.UserInfo;
import io.insula.tenantapi.ports.ObjectClient;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/// Decides by the roles and bindings of one tenant. `system:masters` may do everything, also while the store does not
/// answer. Thread-safe. An instance that nobody but `system:masters` asks holds nothing.
///
/// Source: Kubernetes documentation, "Using RBAC Authorization".
public final class RbacAuthorizer implements Authorizer, AutoCloseable {

    private static final Decision MASTER = new Decision(true, "");

    private final RbacIndex index;

    /// @param client reads as the server itself, without authorization; asked for anew at each use
    public RbacAuthorizer(Supplier<ObjectClient> client) {
        this(new RbacIndex(client));
    }

    RbacAuthorizer(RbacIndex index) {
        this.index = index;
    }

    @Override
    public Decision authorize(Attributes attributes) {
        return attributes.user().groups().contains(UserInfo.MASTERS)
                ? MASTER
                : index.policy().decide(attributes);
    }

    @Override
    public Rules rulesFor(UserInfo user, String namespace) {
        boolean master = user.groups().contains(UserInfo.MASTERS);
        var held = master
                ? new Policy.Holding(Rule.EVERYTHING, Set.of())
                : index.policy().held(user, namespace);
        List<ResourceRule> resources = held.rules().stream()
                .filter(Rule::isForResources)
                .map(rule -> new ResourceRule(rule.verbs(), rule.groups(), rule.resources(), rule.resourceNames()))
                .toList();
        List<NonResourceRule> urls = held.rules().stream()
                .filter(rule -> !rule.nonResourceUrls().isEmpty())
                .map(rule -> new NonResourceRule(rule.verbs(), rule.nonResourceUrls()))
                .toList();
        return new Rules(
                resources, urls, !held.errors().isEmpty(), held.errors().isEmpty() ? "" : Policy.join(held.errors()));
    }

    @Override
    public void expectWrite(GroupVersionResource resource, String namespace, String name) {
        index.expectWrite(resource, namespace, name);
    }

    @Override
    public void close() {
        index.close();
    }
}
