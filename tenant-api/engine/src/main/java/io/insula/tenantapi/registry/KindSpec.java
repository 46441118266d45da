package io.insula.tenantapi.registry;

import io.insula.tenantapi.api.GroupVersionKind;
import io.insula.tenantapi.api.GroupVersionResource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/// What a kind declares about itself: discovery, OpenAPI, storage and the engine's behaviour are derived from it.
/// Immutable; the `with…`-like methods answer changed copies, so a declaration reads as one sentence.
///
/// @param storagePath below `/registry/`: upstream's, with the legacy prefixes (`services/specs`, `minions`)
/// @param verbs what discovery lists
/// @param createOnUpdate whether PUT of a missing object creates it (AllowCreateOnUpdate)
/// @param unconditionalUpdate whether PUT without resourceVersion is taken (AllowUnconditionalUpdate)
/// @param ttl after which objects vanish (events: 1 h); zero for never
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
        boolean generation,
        List<Subresource> subresources) {

    private static final Set<String> ALL_VERBS =
            Set.of("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch");

    public KindSpec {
        shortNames = List.copyOf(shortNames);
        categories = List.copyOf(categories);
        verbs = Set.copyOf(verbs);
        subresources = List.copyOf(subresources);
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
                List.of());
    }

    public GroupVersionResource gvr() {
        return new GroupVersionResource(kind.group(), kind.version(), resource);
    }

    /// The subresource of that name, if there is one.
    public Optional<Subresource> findSubresource(String name) {
        for (Subresource sub : subresources) {
            if (sub.name().equals(name)) {
                return Optional.of(sub);
            }
        }
        return Optional.empty();
    }

    /// Whether `status` is kept apart from the main resource.
    public boolean hasStatus() {
        for (Subresource sub : subresources) {
            if (sub.effect() instanceof Subresource.Effect.Status) {
                return true;
            }
        }
        return false;
    }

    public KindSpec shortNames(String... names) {
        return with(draft -> draft.shortNames = List.of(names));
    }

    public KindSpec singular(String name) {
        return with(draft -> draft.singular = name);
    }

    public KindSpec categories(String... names) {
        return with(draft -> draft.categories = List.of(names));
    }

    public KindSpec verbs(String... names) {
        return with(draft -> draft.verbs = Set.of(names));
    }

    public KindSpec storedAt(String path) {
        return with(draft -> draft.storagePath = path);
    }

    public KindSpec creatingOnUpdate() {
        return with(draft -> draft.createOnUpdate = true);
    }

    public KindSpec noUnconditionalUpdate() {
        return with(draft -> draft.unconditionalUpdate = false);
    }

    public KindSpec ttl(Duration time) {
        return with(draft -> draft.ttl = time);
    }

    /// Counts spec changes in metadata.generation.
    public KindSpec withGeneration() {
        return with(draft -> draft.generation = true);
    }

    /// Adds the `status` subresource, through which labels and annotations are stored too, as most kinds do.
    public KindSpec withStatus() {
        return withStatus(Subresource.Effect.Status.METADATA);
    }

    /// Adds the `status` subresource, through which no metadata but these is stored.
    ///
    /// @param metadata `labels`, `annotations`, both or none
    public KindSpec withStatus(Set<String> metadata) {
        return subresource(Subresource.status(kind, metadata));
    }

    /// Adds the `scale` subresource.
    public KindSpec withScale() {
        return subresource(Subresource.scale());
    }

    /// Adds a subresource that [StoredKind#subresource] answers.
    public KindSpec subresource(String name, GroupVersionKind itsKind, String... itsVerbs) {
        return subresource(Subresource.of(name, itsKind, itsVerbs));
    }

    public KindSpec subresource(Subresource added) {
        return with(draft -> draft.subresources.add(added));
    }

    private KindSpec with(Consumer<Draft> change) {
        var draft = new Draft(this);
        change.accept(draft);
        return draft.build();
    }

    /// A spec being changed. Confined to [KindSpec#with].
    private static final class Draft {
        private final KindSpec from;
        private String singular;
        private List<String> shortNames;
        private List<String> categories;
        private Set<String> verbs;
        private String storagePath;
        private boolean createOnUpdate;
        private boolean unconditionalUpdate;
        private Duration ttl;
        private boolean generation;
        private final List<Subresource> subresources;

        Draft(KindSpec from) {
            this.from = from;
            singular = from.singular;
            shortNames = from.shortNames;
            categories = from.categories;
            verbs = from.verbs;
            storagePath = from.storagePath;
            createOnUpdate = from.createOnUpdate;
            unconditionalUpdate = from.unconditionalUpdate;
            ttl = from.ttl;
            generation = from.generation;
            subresources = new ArrayList<>(from.subresources);
        }

        KindSpec build() {
            return new KindSpec(
                    from.kind,
                    from.resource,
                    singular,
                    from.namespaced,
                    shortNames,
                    categories,
                    verbs,
                    storagePath,
                    createOnUpdate,
                    unconditionalUpdate,
                    ttl,
                    generation,
                    subresources);
        }
    }
}
