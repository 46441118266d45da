package io.insula.tenantapi.rbac;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.auth.Attributes;
import io.insula.tenantapi.auth.Authorizer.Rules;
import io.insula.tenantapi.auth.UserInfo;
import io.insula.tenantapi.registry.AdmissionPlugin;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Nobody grants more than they hold: a role may be written only by who holds all its rules or may `escalate`
/// it, a binding only by who holds all rules of its role or may `bind` it. Who holds what says the
/// authorizer, which hears here of every such write before it is stored.
///
/// Source: Kubernetes documentation, "Privilege escalation prevention and bootstrapping".
@Singleton
final class EscalationCheck implements AdmissionPlugin.Validating {

    private static final String GROUP = "rbac.authorization.k8s.io";
    private static final Set<String> ROLES = Set.of("roles", "clusterroles");
    private static final Set<String> BINDINGS = Set.of("rolebindings", "clusterrolebindings");

    @Override
    public PluginSpec spec() {
        // last: what it tells the authorizer must soon be stored, and no other plugin may change the verdict any more
        return new PluginSpec(
                "RbacEscalationCheck", Integer.MAX_VALUE, Set.of(Operation.CREATE, Operation.UPDATE, Operation.DELETE));
    }

    @Override
    public void validate(Request request) {
        String resource = request.resource().resource();
        if (!request.resource().group().equals(GROUP) || !(ROLES.contains(resource) || BINDINGS.contains(resource))) {
            return;
        }
        boolean free = request.user().groups().contains(UserInfo.MASTERS)
                || request.operation() == Operation.DELETE
                || changesOnlyOwners(request);
        ObjectNode object = request.object();
        if (!free && object != null) {
            if (ROLES.contains(resource)) {
                checkRole(request, object);
            } else {
                checkBinding(request, object);
            }
        }
        if (!request.dryRun()) {
            // a create with generateName has its name in the object only
            String name = object == null ? request.name() : Meta.name(object);
            request.authorizer().expectWrite(request.resource(), request.namespace(), name);
        }
    }

    private static void checkRole(Request request, JsonNode role) {
        String resource = request.resource().resource();
        if (may("escalate", request, resource, request.name())) {
            return;
        }
        checkHeld(request, Rule.all(role.path("rules")));
        boolean aggregates = role.hasNonNull("aggregationRule")
                || (request.oldObject() != null && request.oldObject().hasNonNull("aggregationRule"));
        if (aggregates && !missing(held(request), Rule.EVERYTHING).isEmpty()) {
            throw ApiException.forbidden(
                    request.resource(),
                    request.name(),
                    "must have cluster-admin privileges to use the aggregationRule");
        }
    }

    private static void checkBinding(Request request, JsonNode binding) {
        RoleRef role = RoleRef.of(binding.path("roleRef"), request.namespace());
        if (may("bind", request, role.resource(), role.name())) {
            return;
        }
        var roles = new GroupVersionResource(GROUP, "v1", role.resource());
        ObjectNode stored = request.client()
                .get(roles, role.namespace(), role.name())
                .orElseThrow(() -> ApiException.notFound(roles, role.name()));
        checkHeld(request, Rule.all(stored.path("rules")));
    }

    private static void checkHeld(Request request, List<Rule> wanted) {
        Rules held = held(request);
        List<Rule> missing = missing(held, wanted);
        if (!missing.isEmpty()) {
            UserInfo user = request.user();
            String error = held.evaluationError();
            throw ApiException.forbidden(
                    request.resource(),
                    request.name(),
                    "user \"" + user.name() + "\" (groups=" + Rule.quoted(user.groups())
                            + ") is attempting to grant RBAC permissions not currently held:\n"
                            + RuleSets.describe(missing)
                            + (error.isEmpty() ? "" : "; resolution errors: [" + error + "]"));
        }
    }

    private static Rules held(Request request) {
        return request.authorizer().rulesFor(request.user(), request.namespace());
    }

    private static List<Rule> missing(Rules held, List<Rule> wanted) {
        var resources = held.resourceRules().stream().map(Rule::of);
        var urls = held.nonResourceRules().stream().map(Rule::of);
        return RuleSets.missing(Stream.concat(resources, urls).toList(), wanted);
    }

    private static boolean may(String verb, Request request, String resource, String name) {
        return request.authorizer()
                .authorize(
                        new Attributes(request.user(), verb, GROUP, "v1", resource, "", request.namespace(), name, ""))
                .allowed();
    }

    /// The garbage collector may drop owners and finalizers of objects that it could not have written.
    private static boolean changesOnlyOwners(Request request) {
        if (request.operation() != Operation.UPDATE) {
            return false;
        }
        return withoutOwners(request.object()).equals(withoutOwners(request.oldObject()));
    }

    private static ObjectNode withoutOwners(@Nullable ObjectNode object) {
        ObjectNode copy = object == null ? Json.object() : object.deepCopy();
        if (copy.path("metadata") instanceof ObjectNode meta) {
            meta.remove(List.of("ownerReferences", "finalizers", "managedFields", "resourceVersion"));
        }
        return copy;
    }
}
