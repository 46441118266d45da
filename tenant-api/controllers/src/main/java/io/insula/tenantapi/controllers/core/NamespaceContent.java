package io.insula.tenantapi.controllers.core;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.Resources;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.ports.ObjectClient.Query;
import io.insula.tenantapi.ports.ObjectClient.ResourceInfo;
import io.insula.tenantapi.view.Condition;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Deletes what a namespace holds and says what is left. One pass lists the live objects, asks for the deletion of each
/// that is not already going, and lists again what it touched.
final class NamespaceContent {

    private final ObjectClient client;

    NamespaceContent(ObjectClient client) {
        this.client = client;
    }

    /// @param counts objects left by qualified resource
    /// @param finalizers objects left by the finalizer they wait for
    /// @param failures what could not be listed or deleted
    /// @param unknown groups and versions of other servers that do not answer: nobody knows what they hold
    record Remaining(
            Map<String, Integer> counts, Map<String, Integer> finalizers, List<String> failures, List<String> unknown) {

        boolean isNothing() {
            return isEmptied() && unknown.isEmpty();
        }

        /// Of all that is known.
        boolean isEmptied() {
            return counts.isEmpty() && failures.isEmpty();
        }

        /// Writes the five conditions of a terminating namespace.
        ///
        /// @return whether one changed
        boolean describe(ObjectNode status, Instant now) {
            boolean changed = tell(
                    status,
                    "NamespaceDeletionDiscoveryFailure",
                    new Said("ResourcesDiscovered", "All resources successfully discovered"),
                    unknown.isEmpty(),
                    new Said("DiscoveryFailed", undiscovered()),
                    now);
            changed |= Condition.set(
                    status,
                    "NamespaceDeletionGroupVersionParsingFailure",
                    false,
                    "ParsedGroupVersions",
                    "All legacy kube types successfully parsed",
                    now);
            changed |= tell(
                    status,
                    "NamespaceDeletionContentFailure",
                    new Said("ContentDeleted", "All content successfully deleted, may be waiting on finalization"),
                    failures.isEmpty(),
                    new Said(
                            "ContentDeletionFailed",
                            "Failed to delete all resource types, " + failures.size() + " remaining: "
                                    + String.join(", ", failures)),
                    now);
            changed |= tell(
                    status,
                    "NamespaceContentRemaining",
                    new Said("ContentRemoved", "All content successfully removed"),
                    counts.isEmpty(),
                    new Said(
                            "SomeResourcesRemain",
                            "Some resources are remaining: " + list(counts, " has ", " resource instances")),
                    now);
            changed |= tell(
                    status,
                    "NamespaceFinalizersRemaining",
                    new Said("ContentHasNoFinalizers", "All content-preserving finalizers finished"),
                    finalizers.isEmpty(),
                    new Said(
                            "SomeFinalizersRemain",
                            "Some content in the namespace has finalizers remaining: "
                                    + list(finalizers, " in ", " resource instances")),
                    now);
            return changed;
        }

        private String undiscovered() {
            return "Discovery failed for some groups, " + unknown.size()
                    + " failing: unable to retrieve the complete list of server APIs: "
                    + unknown.stream()
                            .map(each -> each + ": stale GroupVersion discovery: " + each)
                            .collect(Collectors.joining(", "));
        }

        /// Reason and message of a condition.
        private record Said(String reason, String message) {}

        /// Of a condition that is true where something is amiss.
        private static boolean tell(
                ObjectNode status, String type, Said well, boolean isWell, Said amiss, Instant now) {
            Said said = isWell ? well : amiss;
            return Condition.set(status, type, !isWell, said.reason(), said.message(), now);
        }

        private static String list(Map<String, Integer> numbers, String between, String after) {
            return numbers.entrySet().stream()
                    .map(e -> e.getKey() + between + e.getValue() + after)
                    .collect(Collectors.joining(", "));
        }
    }

    Remaining deleteAll(String namespace) {
        var remaining = new Remaining(new TreeMap<>(), new TreeMap<>(), new ArrayList<>(), undiscovered());
        List<ResourceInfo> all = Stream.concat(client.resources().stream(), client.resourcesBehind().stream())
                .filter(ResourceInfo::namespaced)
                .filter(r -> r.verbs().contains("delete") && r.verbs().contains("list"))
                .toList();
        all.stream().filter(NamespaceContent::isPods).forEach(pods -> deleteAll(pods, namespace, remaining));
        if (remaining.isEmptied()) {
            all.stream().filter(r -> !isPods(r)).forEach(r -> deleteAll(r, namespace, remaining));
        }
        return remaining;
    }

    /// What other servers would have to say, and do not: a namespace of which something may be left there does not end.
    /// Source: kubernetes, `namespaced_resources_deleter.go`, `deleteAllContent`.
    private List<String> undiscovered() {
        return client.list(Resources.API_SERVICES, "", Query.ALL).items().stream()
                .filter(each -> each.path("spec").path("service").isObject())
                .filter(each -> !Condition.isTrue(each, "Available"))
                .map(each -> each.path("spec").path("group").asText() + "/"
                        + each.path("spec").path("version").asText())
                .sorted()
                .toList();
    }

    private void deleteAll(ResourceInfo resource, String namespace, Remaining remaining) {
        try {
            List<ObjectNode> live = list(resource, namespace);
            boolean touched = false;
            for (ObjectNode object : live) {
                touched |= delete(resource, namespace, object);
            }
            List<ObjectNode> left = touched ? list(resource, namespace) : live;
            count(resource, left, remaining);
        } catch (ApiException e) {
            if (!e.is("NotFound") && !e.is("MethodNotAllowed")) {
                remaining.failures().add(resource.resource().qualified() + ": " + e.getMessage());
            }
        }
    }

    private List<ObjectNode> list(ResourceInfo resource, String namespace) {
        return client.list(resource.resource(), namespace, Query.ALL).items();
    }

    private boolean delete(ResourceInfo resource, String namespace, ObjectNode object) {
        if (Meta.isBeingDeleted(object)) {
            return false;
        }
        ObjectNode options = Json.object().put("propagationPolicy", "Background");
        try {
            client.delete(resource.resource(), namespace, Meta.name(object), options);
        } catch (ApiException e) {
            if (!e.is("NotFound")) {
                throw e;
            }
        }
        return true;
    }

    private static void count(ResourceInfo resource, List<ObjectNode> left, Remaining remaining) {
        if (left.isEmpty()) {
            return;
        }
        remaining
                .counts()
                .put(resource.resource().resource() + "." + resource.resource().group(), left.size());
        for (ObjectNode object : left) {
            Meta.finalizers(object).forEach(f -> remaining.finalizers().merge(f, 1, Integer::sum));
        }
    }

    private static boolean isPods(ResourceInfo resource) {
        return resource.resource().equals(Resources.PODS);
    }
}
