package io.insula.isolation;

/// Something a profile changed or left out of a pod that it does run, for the tenant's eyes: what is taken in the
/// tenant and is not so on the host is told by one of these (an Event and a condition), never silently. Immutable.
///
/// Notes of one translation stand in the order of the pod's fields; the same pod and profile give the same notes.
///
/// @param field path of the tenant's field, as Kubernetes writes it (`spec.tolerations[0]`)
/// @param done what became of it
/// @param detail what stands on the host instead, or what no longer holds; for [Done#IGNORED] it may be empty
/// @param reason why, as a clause (`the isolation profile allows no more`)
public record Note(String field, Done done, String detail, String reason) {

    /// What became of a field.
    public enum Done {
        /// Part of what it asks for holds on the host.
        NARROWED("narrowed to"),
        /// Its value was exchanged for another.
        REPLACED("replaced by"),
        /// It has no effect on the host.
        IGNORED("ignored");

        private final String words;

        Done(String words) {
            this.words = words;
        }
    }

    /// As Events and conditions tell it: `spec.tolerations[0] narrowed to …: the isolation profile allows no more`.
    public String text() {
        return field + " " + done.words + (detail.isEmpty() ? "" : " " + detail) + ": " + reason;
    }
}
