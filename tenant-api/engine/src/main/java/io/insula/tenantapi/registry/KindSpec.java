package io.insula.tenantapi.registry;

import io.insula.tenantapi.api.GroupVersionKind;
import io.insula.tenantapi.api.GroupVersionResource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// What a kind declares about itself: discovery, OpenAPI, storage and the engine's behaviour are derived from it.
/// Immutable; the `with…`-like methods answer changed copies, so a declaration reads as one sentence.
///
/// @param storagePath below `/registry/`: upstream's, with the legacy prefixes (`services/specs`, `minions`)
/// @param verbs what discovery lists
/// @param createOnUpdate whether PUT of a missing object creates it (AllowCreateOnUpdate)
/// @param unconditionalUpdate whether PUT without resourceVersion is taken (AllowUnconditionalUpdate)
/// @param ttl after which objects vanish (events: 1 h); zero for never
/// @param hasStatus whether `status` is kept apart from the main resource
/// @param generation whether metadata.generation counts spec changes
public record KindSpec(
        GroupVersionKind kind,
        String resource,
        String singular,
        boolean namespaced,
        List<String> shortNames,
        List<String> categories,
        Set<String> verbs,
        String storagePath,
        boolean createOnUpdate,
        boolean unconditionalUpdate,
        Duration ttl,
        boolean hasStatus,
        boolean generation,
        List<SubresourceSpec> subresources) {

    private static final Set<String> ALL_VERBS =
            Set.of("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch");

    public KindSpec {
        shortNames = List.copyOf(shortNames);
        categories = List.copyOf(categories);
        verbs = Set.copyOf(verbs);
        subresources = List.copyOf(subresources);
    }

    /// @param kind what the subresource takes and gives, e.g. autoscaling/v1 Scale
    /// @param verbs what discovery lists, e.g. get, patch, update
    public record SubresourceSpec(String name, GroupVersionKind kind, Set<String> verbs) {
        public SubresourceSpec {
            verbs = Set.copyOf(verbs);
        }
    }

    public static KindSpec namespaced(String group, String version, String kind, String resource) {
        return of(group, version, kind, resource, true);
    }

    public static KindSpec cluster(String group, String version, String kind, String resource) {
        return of(group, version, kind, resource, false);
    }

    private static KindSpec of(String group, String version, String kind, String resource, boolean namespaced) {
        return new KindSpec(
                new GroupVersionKind(group, version, kind),
                resource,
                kind.toLowerCase(Locale.ROOT),
                namespaced,
                List.of(),
                List.of(),
                ALL_VERBS,
                resource,
                false,
                true,
                Duration.ZERO,
                false,
                false,
                List.of());
    }

    public GroupVersionResource gvr() {
        return new GroupVersionResource(kind.group(), kind.version(), resource);
    }

    public KindSpec shortNames(String... names) {
        return copy(
                List.of(names),
                categories,
                verbs,
                storagePath,
                createOnUpdate,
                unconditionalUpdate,
                ttl,
                hasStatus,
                generation,
                subresources);
    }

    public KindSpec singular(String name) {
        return new KindSpec(
                kind,
                resource,
                name,
                namespaced,
                shortNames,
                categories,
                verbs,
                storagePath,
                createOnUpdate,
                unconditionalUpdate,
                ttl,
                hasStatus,
                generation,
                subresources);
    }

    public KindSpec categories(String... names) {
        return copy(
                shortNames,
                List.of(names),
                verbs,
                storagePath,
                createOnUpdate,
                unconditionalUpdate,
                ttl,
                hasStatus,
                generation,
                subresources);
    }

    public KindSpec verbs(String... names) {
        return copy(
                shortNames,
                categories,
                Set.of(names),
                storagePath,
                createOnUpdate,
                unconditionalUpdate,
                ttl,
                hasStatus,
                generation,
                subresources);
    }

    public KindSpec storedAt(String path) {
        return copy(
                shortNames,
                categories,
                verbs,
                path,
                createOnUpdate,
                unconditionalUpdate,
                ttl,
                hasStatus,
                generation,
                subresources);
    }

    public KindSpec creatingOnUpdate() {
        return copy(
                shortNames,
                categories,
                verbs,
                storagePath,
                true,
                unconditionalUpdate,
                ttl,
                hasStatus,
                generation,
                subresources);
    }

    public KindSpec noUnconditionalUpdate() {
        return copy(
                shortNames,
                categories,
                verbs,
                storagePath,
                createOnUpdate,
                false,
                ttl,
                hasStatus,
                generation,
                subresources);
    }

    public KindSpec ttl(Duration time) {
        return copy(
                shortNames,
                categories,
                verbs,
                storagePath,
                createOnUpdate,
                unconditionalUpdate,
                time,
                hasStatus,
                generation,
                subresources);
    }

    /// Counts spec changes in metadata.generation.
    public KindSpec withGeneration() {
        return copy(
                shortNames,
                categories,
                verbs,
                storagePath,
                createOnUpdate,
                unconditionalUpdate,
                ttl,
                hasStatus,
                true,
                subresources);
    }

    /// Adds the `status` subresource.
    public KindSpec withStatus() {
        var all = new ArrayList<>(subresources);
        all.add(new SubresourceSpec("status", kind, Set.of("get", "patch", "update")));
        return copy(
                shortNames,
                categories,
                verbs,
                storagePath,
                createOnUpdate,
                unconditionalUpdate,
                ttl,
                true,
                generation,
                all);
    }

    /// Adds a subresource that [ResourceKind#subresource] or the engine (`scale`) answers.
    public KindSpec subresource(String name, GroupVersionKind itsKind, String... itsVerbs) {
        var all = new ArrayList<>(subresources);
        all.add(new SubresourceSpec(name, itsKind, Set.copyOf(Arrays.asList(itsVerbs))));
        return copy(
                shortNames,
                categories,
                verbs,
                storagePath,
                createOnUpdate,
                unconditionalUpdate,
                ttl,
                hasStatus,
                generation,
                all);
    }

    private KindSpec copy(
            List<String> newShortNames,
            List<String> newCategories,
            Set<String> newVerbs,
            String newStoragePath,
            boolean newCreateOnUpdate,
            boolean newUnconditionalUpdate,
            Duration newTtl,
            boolean newHasStatus,
            boolean newGeneration,
            List<SubresourceSpec> newSubresources) {
        return new KindSpec(
                kind,
                resource,
                singular,
                namespaced,
                newShortNames,
                newCategories,
                newVerbs,
                newStoragePath,
                newCreateOnUpdate,
                newUnconditionalUpdate,
                newTtl,
                newHasStatus,
                newGeneration,
                newSubresources);
    }
}
