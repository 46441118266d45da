package io.insula.syncer.custom;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.insula.syncer.engine.KindRef;
import java.util.List;

/// A rule by which a tenant's objects of a kind that somebody else defined go to the host, and their status comes back.
/// Immutable.
///
/// @param kind on both sides
/// @param names where its objects name others
/// @param labels where they have maps of labels that others are given: keys become the host's
/// @param selectors where they have label selectors: they keep to the objects of the same namespace of the tenant's
/// @param matchLabels where they select by a plain map of labels: likewise
/// @param hasStatus whether the host's status comes up
public record CustomKind(
        KindRef<GenericKubernetesResource> kind,
        List<NamesOf> names,
        List<FieldPath> labels,
        List<FieldPath> selectors,
        List<FieldPath> matchLabels,
        boolean hasStatus) {

    public CustomKind {
        names = List.copyOf(names);
        labels = List.copyOf(labels);
        selectors = List.copyOf(selectors);
        matchLabels = List.copyOf(matchLabels);
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
        return new CustomKind(ref(group, version, kind, plural), List.of(), List.of(), List.of(), List.of(), false);
    }

    static KindRef<GenericKubernetesResource> ref(String group, String version, String kind, String plural) {
        return new KindRef<>(GenericKubernetesResource.class, group, version, kind, plural, true);
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
