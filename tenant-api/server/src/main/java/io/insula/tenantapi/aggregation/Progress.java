package io.insula.tenantapi.aggregation;

import java.util.Set;
import java.util.TreeSet;

/// How far a server's aggregation has come since its start; it never goes back. Immutable.
///
/// @param listed whether the APIServices have been read
/// @param registered whether those of what is served have been written
/// @param looking whether servers behind are known and being asked
/// @param missing names of automatic APIServices that have not been seen available yet
public record Progress(boolean listed, boolean registered, boolean looking, Set<String> missing) {

    static final Progress NONE = new Progress(false, false, false, Set.of());

    public Progress {
        missing = Set.copyOf(missing);
    }

    /// Whether everything that this server serves itself has an APIService that says so.
    public boolean isComplete() {
        return registered && missing.isEmpty();
    }

    /// For people.
    @Override
    public String toString() {
        return isComplete() ? "complete" : registered ? "missing APIService: " + new TreeSet<>(missing) : "not started";
    }

    Progress read() {
        return new Progress(true, registered, looking, missing);
    }

    Progress written(Set<String> stillMissing) {
        return new Progress(true, true, looking, stillMissing);
    }

    Progress asking() {
        return new Progress(listed, registered, true, missing);
    }
}
