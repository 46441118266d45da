package io.insula.controlplane.tenant;

import io.insula.syncer.custom.CustomKind;
import io.insula.syncer.custom.CustomKinds;
import io.insula.syncer.engine.Syncer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The custom kinds of one tenant that the syncer looks after. Immutable.
///
/// @param rules of the tenant's spec
/// @param leaving of kinds that the spec does not name any more and that may still be where they were sent, on the host
///     or in the tenant: what was synced goes from there
public record SyncedKinds(List<CustomKind> rules, List<CustomKind> leaving) {

    public static final SyncedKinds NONE = new SyncedKinds(List.of(), List.of());

    private static final String BETWEEN = ",";
    private static final String UP = "up";

    public SyncedKinds {
        rules = List.copyOf(rules);
        leaving = List.copyOf(leaving);
    }

    /// @param noted what [#note] said before
    static SyncedKinds of(List<CustomKind> rules, String noted) {
        var leaving = new ArrayList<CustomKind>();
        for (var text : noted.split(BETWEEN, -1)) {
            kind(text.split("/", -1))
                    .filter(kind -> rules.stream().noneMatch(rule -> isSame(rule, kind) && rule.isUp() == kind.isUp()))
                    .ifPresent(leaving::add);
        }
        return new SyncedKinds(
                rules.stream()
                        // one of the other direction begins when the former one has ended
                        .filter(rule -> leaving.stream().noneMatch(kind -> isSame(rule, kind)))
                        .toList(),
                leaving);
    }

    private static Optional<CustomKind> kind(String... parts) {
        if (parts.length == 4) {
            return Optional.of(CustomKind.bare(parts[0], parts[1], parts[2], parts[3]));
        }
        return parts.length == 5 && parts[4].equals(UP)
                ? Optional.of(CustomKind.bareShown(parts[0], parts[1], parts[2], parts[3]))
                : Optional.empty();
    }

    /// Another version of a kind is the same objects.
    private static boolean isSame(CustomKind one, CustomKind other) {
        return one.definition().equals(other.definition()) || one.name().equals(other.name());
    }

    /// Without those that are gone.
    ///
    /// @param gone by [CustomKind#definition]
    SyncedKinds without(List<String> gone) {
        return new SyncedKinds(
                rules,
                leaving.stream()
                        .filter(kind -> !gone.contains(kind.definition()))
                        .toList());
    }

    public List<CustomKind> all() {
        return Stream.concat(rules.stream(), leaving.stream()).toList();
    }

    /// As it is noted where their objects are.
    String note() {
        return all().stream().map(SyncedKinds::note).sorted().collect(Collectors.joining(BETWEEN));
    }

    private static String note(CustomKind rule) {
        var kind = rule.kind();
        var note = String.join("/", kind.group(), kind.version(), kind.kind(), kind.plural());
        return rule.isUp() ? note + "/" + UP : note;
    }

    /// Those whose objects are on the host, or come from there.
    List<CustomKind> all(boolean isUp) {
        return all().stream().filter(kind -> kind.isUp() == isUp).toList();
    }

    /// Who does it.
    public List<Syncer<?>> syncers() {
        return CustomKinds.syncers(rules, leaving);
    }
}
