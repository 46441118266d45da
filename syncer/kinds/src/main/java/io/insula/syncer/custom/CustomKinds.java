package io.insula.syncer.custom;

import io.insula.syncer.engine.Syncer;
import java.util.List;
import java.util.stream.Stream;

/// The syncers of one tenant's custom kinds. Pure.
public final class CustomKinds {

    private CustomKinds() {}

    /// @param rules that hold
    /// @param leaving of kinds that no rule names any more, whose objects are to go from where they were sent
    public static List<Syncer<?>> syncers(List<CustomKind> rules, List<CustomKind> leaving) {
        return Stream.<Syncer<?>>concat(
                        rules.stream().map(rule -> syncer(rule, false)),
                        leaving.stream().map(rule -> syncer(rule, true)))
                .toList();
    }

    private static Syncer<?> syncer(CustomKind rule, boolean isLeaving) {
        return rule.isUp() ? new ShownSyncer(rule, isLeaving) : new CustomSyncer(rule, isLeaving);
    }
}
