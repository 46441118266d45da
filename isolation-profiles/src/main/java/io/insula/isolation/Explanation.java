package io.insula.isolation;

import java.util.List;

/// Why a pod runs as it does. Immutable.
///
/// @param why the profile of the answer was chosen, as a clause about it
/// @param answer what becomes of the pod
/// @param all what each of the tenant's profiles would make of it, the standard one first
public record Explanation(String why, Translation answer, List<Translation> all) {

    public Explanation {
        all = List.copyOf(all);
    }
}
