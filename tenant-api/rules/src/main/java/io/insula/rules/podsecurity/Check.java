package io.insula.rules.podsecurity;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// One rule of the standards, through all releases.
///
/// @param id upstream's; messages are sorted by it
/// @param level the lowest level that asks for it
/// @param overrides the baseline check that a restricted one makes superfluous; empty for none
/// @param revisions by release, the oldest first
record Check(String id, PodSecurityLevel level, String overrides, List<Revision> revisions) {

    /// Answers what is wrong with a pod. Pure.
    interface Judge {
        Optional<Violation> judge(PodFacts pod);
    }

    /// @param since the first release that judges so
    record Revision(int since, Judge judge) {}

    static Check baseline(String id, Revision... revisions) {
        return new Check(id, PodSecurityLevel.BASELINE, "", sorted(revisions));
    }

    static Check restricted(String id, Revision... revisions) {
        return new Check(id, PodSecurityLevel.RESTRICTED, "", sorted(revisions));
    }

    Check overriding(String baseline) {
        return new Check(id, level, baseline, revisions);
    }

    static Revision since(int minor, Judge judge) {
        return new Revision(minor, judge);
    }

    /// How `version` judges; empty when it did not yet.
    Optional<Judge> at(int minor) {
        return revisions.reversed().stream()
                .filter(revision -> revision.since() <= minor)
                .map(Revision::judge)
                .findFirst();
    }

    private static List<Revision> sorted(Revision... revisions) {
        return Arrays.stream(revisions)
                .sorted(Comparator.comparingInt(Revision::since))
                .toList();
    }
}
