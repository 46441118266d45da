package io.insula.syncer.engine;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.insula.syncer.engine.Change.ApplyToTenant;
import java.util.Objects;

/// Tells a tenant about its object by an Event in its own cluster.
public final class TenantEvents {

    public static final KindRef<Event> EVENT = KindRef.of(Event.class, true);

    /// Where Events about what is in no namespace are. Source: Kubernetes, `validation.ValidateEvent`.
    private static final String ABOUT_CLUSTER = "default";

    private TenantEvents() {}

    /// The same object, reason and message give the same Event, so repeating it is harmless.
    public static ApplyToTenant warning(HasMetadata object, String reason, String message, String now) {
        return event("Warning", object, reason, message, now);
    }

    /// As [#warning], of something that went as it should.
    public static ApplyToTenant normal(HasMetadata object, String reason, String message, String now) {
        return event("Normal", object, reason, message, now);
    }

    private static ApplyToTenant event(String type, HasMetadata object, String reason, String message, String now) {
        var meta = object.getMetadata();
        var uid = Objects.requireNonNullElse(meta.getUid(), "");
        var event = new EventBuilder()
                .withNewMetadata()
                .withName(meta.getName() + "." + NameMap.hash("event", uid, reason, message))
                .withNamespace(Objects.requireNonNullElse(meta.getNamespace(), ABOUT_CLUSTER))
                .endMetadata()
                .withNewInvolvedObject()
                .withApiVersion(object.getApiVersion())
                .withKind(object.getKind())
                .withNamespace(meta.getNamespace())
                .withName(meta.getName())
                .withUid(uid)
                .endInvolvedObject()
                .withType(type)
                .withReason(reason)
                .withMessage(message.substring(0, Math.min(1024, message.length())))
                .withFirstTimestamp(now)
                .withLastTimestamp(now)
                .withCount(1)
                .withNewSource()
                .withComponent(InsulaLabels.SYNCER)
                .endSource()
                .withReportingComponent(InsulaLabels.SYNCER)
                .build();
        return new ApplyToTenant(EVENT, event, "");
    }
}
