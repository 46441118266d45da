package io.insula.tenantapi.admission.podsecurity;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/// One rule of the Pod Security Standards.
///
/// @param id upstream's; messages are sorted by it
/// @param overrides the baseline check that a restricted check makes superfluous; empty for none
/// @param judge answers what is wrong with a pod
record PodCheck(String id, String overrides, Judge judge) {

    PodCheck(String id, Judge judge) {
        this(id, "", judge);
    }

    /// Pure.
    interface Judge {
        Optional<Violation> judge(JsonNode metadata, JsonNode spec);
    }

    /// `reason (detail)`.
    record Violation(String reason, String detail) {

        static Optional<Violation> of(String reason, String detail) {
            return Optional.of(new Violation(reason, detail));
        }

        @Override
        public String toString() {
            return detail.isEmpty() ? reason : reason + " (" + detail + ")";
        }
    }
}
