package io.insula.node.client;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/// An Event that a part of a node tells of an object of the core group.
///
/// @param component who tells it
/// @param node where
public record NodeEvent(String component, String node) {

    /// Told for the first time, now. Named as client-go names them. Source: kubernetes/client-go, `tools/record`.
    ///
    /// @param type `Normal` or `Warning`
    public Event of(HasMetadata object, String type, String reason, String message) {
        var metadata = object.getMetadata();
        Instant at = Instant.now();
        String now = at.truncatedTo(ChronoUnit.SECONDS).toString();
        long nanos = at.getEpochSecond() * 1_000_000_000L + at.getNano();
        return new EventBuilder()
                .withNewMetadata()
                .withName(metadata.getName() + "." + Long.toHexString(nanos))
                .withNamespace(metadata.getNamespace())
                .endMetadata()
                .withNewInvolvedObject()
                .withApiVersion("v1")
                .withKind(object.getKind())
                .withNamespace(metadata.getNamespace())
                .withName(metadata.getName())
                .withUid(metadata.getUid())
                .endInvolvedObject()
                .withType(type)
                .withReason(reason)
                .withMessage(message)
                .withCount(1)
                .withFirstTimestamp(now)
                .withLastTimestamp(now)
                .withNewSource(component, node)
                .withReportingComponent(component)
                .withReportingInstance(node)
                .build();
    }
}
