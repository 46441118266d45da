package io.insula.syncer.custom;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.engine.KindRef;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// A rule about a kind that somebody else defined. In namespaces, a tenant's objects of it go to the host, and their
/// status comes back. Outside of them, it is the host's own objects that the tenant sees. Immutable.
///
/// @param kind on both sides
/// @param names where its objects name others
/// @param labels where they have maps of labels that others are given: keys become the host's
/// @param selectors where they have label selectors: they keep to the objects of the same namespace of the tenant's
/// @param matchLabels where they select by a plain map of labels: likewise
/// @param refused what keeps an object from going to the host where it has it
/// @param hasStatus whether the host's status comes up
/// @param shown which of the host's objects the tenant sees, and what of them
public record CustomKind(
        KindRef<GenericKubernetesResource> kind,
        List<NamesOf> names,
        List<FieldPath> labels,
        List<FieldPath> selectors,
        List<FieldPath> matchLabels,
        List<FieldPath> refused,
        boolean hasStatus,
        Shown shown) {

    /// Of the host's objects that no tenant made.
    ///
    /// @param labels of the objects that are shown, all of them; never empty but where nothing is shown
    /// @param hidden fields that stay on the host
    /// @param annotations keys of those that come up
    public record Shown(Map<String, String> labels, List<FieldPath> hidden, List<String> annotations) {
        static final Shown NOTHING = new Shown(Map.of(), List.of(), List.of());

        public Shown {
            labels = Map.copyOf(labels);
            hidden = List.copyOf(hidden);
            annotations = List.copyOf(annotations);
        }

        /// What was made for a tenant is nobody else's to see, whatever its labels say.
        boolean has(HasMetadata host) {
            var own = Objects.requireNonNullElse(host.getMetadata().getLabels(), Map.<String, String>of());
            var notes = Objects.requireNonNullElse(host.getMetadata().getAnnotations(), Map.<String, String>of());
            return !labels.isEmpty()
                    && own.entrySet().containsAll(labels.entrySet())
                    && !own.containsKey(InsulaLabels.TENANT)
                    && !notes.containsKey(InsulaLabels.TENANT);
        }
    }

    public CustomKind {
        names = List.copyOf(names);
        labels = List.copyOf(labels);
        selectors = List.copyOf(selectors);
        matchLabels = List.copyOf(matchLabels);
        refused = List.copyOf(refused);
    }

    /// Reads the rules of one tenant.
    ///
    /// @param value a list as a JSON parser gives it
    /// @param field what it is called where something is wrong
    /// @throws IllegalArgumentException naming the field that is wrong, and what was expected
    public static List<CustomKind> read(String field, List<?> value) {
        return new RuleReader(field).read(value);
    }

    /// One of which nothing is known but that its objects may be on the host.
    public static CustomKind bare(String group, String version, String kind, String plural) {
        return of(
                ref(group, version, kind, plural, true), List.of(), List.of(), List.of(), List.of(), List.of(), false);
    }

    /// One of which nothing is known but that the tenant may have been shown the host's.
    public static CustomKind bareShown(String group, String version, String kind, String plural) {
        return shown(ref(group, version, kind, plural, false), false, Shown.NOTHING);
    }

    /// One whose objects go down.
    static CustomKind of(
            KindRef<GenericKubernetesResource> kind,
            List<NamesOf> names,
            List<FieldPath> labels,
            List<FieldPath> selectors,
            List<FieldPath> matchLabels,
            List<FieldPath> refused,
            boolean hasStatus) {
        return new CustomKind(kind, names, labels, selectors, matchLabels, refused, hasStatus, Shown.NOTHING);
    }

    /// One whose objects come up.
    static CustomKind shown(KindRef<GenericKubernetesResource> kind, boolean hasStatus, Shown shown) {
        return new CustomKind(kind, List.of(), List.of(), List.of(), List.of(), List.of(), hasStatus, shown);
    }

    static KindRef<GenericKubernetesResource> ref(
            String group, String version, String kind, String plural, boolean namespaced) {
        return new KindRef<>(GenericKubernetesResource.class, group, version, kind, plural, namespaced);
    }

    /// Whether it is the host's own objects that come up.
    public boolean isUp() {
        return !kind.namespaced();
    }

    /// `widgets.example.com`, as its definition is called.
    public String definition() {
        return kind.plural() + "." + kind.group();
    }

    /// What its syncer is called.
    public String name() {
        return nameOf(kind.kind(), kind.group());
    }

    static String nameOf(String kind, String group) {
        return kind + "." + group;
    }
}
