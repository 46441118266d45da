package io.insula.isolation;

import java.util.List;

/// The answer of a profile to one pod. Immutable.
///
/// @param profile the name of the profile that answered
/// @param workload what runs on the host, or the field in the way
/// @param notes what of the pod is not on the host as the tenant wrote it; empty for a refused pod
public record Translation(String profile, HostWorkload workload, List<Note> notes) {

    public Translation {
        notes = List.copyOf(notes);
    }

    static Translation refused(String profile, FieldViolation violation) {
        return new Translation(
                profile, new HostWorkload.Unsupported(violation.field(), violation.message()), List.of());
    }
}
