package io.insula.tenantapi.auth;

import io.insula.tenantapi.api.GroupVersionResource;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/// Whether a cluster is suspended: read and watched by whoever may, written by nobody but who serves it from outside,
/// whatever roles and groups say. What is not known to be a read is a write: a verb of a group behind another server, a
/// dry run, a new token; and so is a connection into a pod, since nobody sees what is done through it. Thread-safe.
///
/// Reviews stay, as they store nothing; they say what roles say, which is what holds again afterwards. What the server
/// and its controllers write themselves asks nobody.
///
/// @param holds asked for each request; answers from memory
/// @param isExempt who goes on writing
public record Suspension(BooleanSupplier holds, Predicate<UserInfo> isExempt) {

    static final String REASON =
            "the cluster is suspended by its superuser: it can be read, but nothing in it can be changed";

    private static final Set<String> READS = Set.of("get", "list", "watch");
    private static final Set<String> PATH_READS = Set.of("get", "head");

    /// Into pods, Services and nodes.
    private static final Set<String> CONNECTIONS = Set.of("exec", "attach", "portforward", "proxy");

    private static final String AUTHORIZATION = "authorization.k8s.io";
    private static final String AUTHENTICATION = "authentication.k8s.io";

    private static final Set<GroupVersionResource> REVIEWS = Set.of(
            new GroupVersionResource(AUTHORIZATION, "v1", "selfsubjectaccessreviews"),
            new GroupVersionResource(AUTHORIZATION, "v1", "selfsubjectrulesreviews"),
            new GroupVersionResource(AUTHORIZATION, "v1", "subjectaccessreviews"),
            new GroupVersionResource(AUTHORIZATION, "v1", "localsubjectaccessreviews"),
            new GroupVersionResource(AUTHENTICATION, "v1", "selfsubjectreviews"),
            new GroupVersionResource(AUTHENTICATION, "v1", "tokenreviews"));

    /// Who one acts as is judged again, by what that one wants.
    private static final Set<String> ACTED_AS = Set.of("users", "groups", "serviceaccounts");

    private static final Set<String> ACTED_AS_TOO = Set.of("userextras", "uids");

    /// What `next` allows, but for what is suspended.
    public Authorizer before(Authorizer next) {
        return new Before(this, next);
    }

    private boolean forbids(Attributes wanted) {
        return holds.getAsBoolean() && !isRead(wanted) && !isExempt.test(wanted.user());
    }

    private static boolean isRead(Attributes wanted) {
        if (!wanted.isResourceRequest()) {
            return PATH_READS.contains(wanted.verb());
        }
        return switch (wanted.verb()) {
            case "create" ->
                wanted.subresource().isEmpty()
                        && REVIEWS.contains(
                                new GroupVersionResource(wanted.group(), wanted.version(), wanted.resource()));
            case "impersonate" ->
                (wanted.group().isEmpty() && ACTED_AS.contains(wanted.resource()))
                        || (wanted.group().equals(AUTHENTICATION) && ACTED_AS_TOO.contains(wanted.resource()));
            default -> READS.contains(wanted.verb()) && !CONNECTIONS.contains(wanted.subresource());
        };
    }

    private record Before(Suspension suspension, Authorizer next) implements Authorizer {
        @Override
        public Decision authorize(Attributes attributes) {
            Decision decision = next.authorize(attributes);
            return decision.allowed() && suspension.forbids(attributes) ? new Decision(false, REASON) : decision;
        }

        @Override
        public Rules rulesFor(UserInfo user, String namespace) {
            return next.rulesFor(user, namespace);
        }

        @Override
        public void expectWrite(GroupVersionResource resource, String namespace, String name) {
            next.expectWrite(resource, namespace, name);
        }
    }
}
