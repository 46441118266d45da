package io.insula.syncer.custom;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Kinds of closed groups whose objects may go down all the same, as what is said of their fields here leaves nothing
/// open. A rule only names them. Pure.
final class KnownKinds {

    /// What of a rule is said here.
    static final Set<String> SAID = Set.of("names", "labels", "selectors", "matchLabels", "refused");

    /// @param kind what the plural must mean
    /// @param names of the tenant's own objects
    /// @param classPath where one of the host's classes is named, which must be shown by a rule of `classKind`
    /// @param refused what would be somebody else's
    private record Known(
            String kind, List<Map<String, String>> names, String classPath, String classKind, List<String> refused) {}

    /// Source: Kubernetes documentation, "Volume Snapshots": a content that is named, rather than made of a claim, may
    /// be of anybody's volume.
    private static final Map<String, Known> ALL = Map.of(
            "volumesnapshots.snapshot.storage.k8s.io",
            new Known(
                    "VolumeSnapshot",
                    List.of(Map.of("path", "spec.source.persistentVolumeClaimName", "kind", "PersistentVolumeClaim")),
                    "spec.volumeSnapshotClassName",
                    "VolumeSnapshotClass",
                    List.of("spec.source.volumeSnapshotContentName")));

    private KnownKinds() {}

    static boolean has(String group, String plural) {
        return ALL.containsKey(plural + "." + group);
    }

    /// Whether objects of this kind hold what cannot be made again.
    static boolean isData(CustomKind rule) {
        return !rule.isUp() && has(rule.kind().group(), rule.kind().plural());
    }

    /// The rule with what is known of its kind; empty where it is not this kind.
    ///
    /// @param shown names of the rules that show the host's objects
    static Optional<Map<?, ?>> complete(Map<?, ?> rule, Set<String> shown) {
        var group = String.valueOf(rule.get("group"));
        var known = ALL.get(rule.get("plural") + "." + group);
        if (known == null || !known.kind().equals(rule.get("kind"))) {
            return Optional.empty();
        }
        var names = new ArrayList<Map<String, String>>(known.names());
        var refused = new ArrayList<>(known.refused());
        if (shown.contains(CustomKind.nameOf(known.classKind(), group))) {
            names.add(Map.of("path", known.classPath(), "kind", known.classKind(), "group", group));
        } else {
            refused.add(known.classPath());
        }
        var complete = new LinkedHashMap<Object, Object>(rule);
        complete.put("names", names);
        complete.put("refused", refused);
        return Optional.of(complete);
    }
}
