package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.insula.syncer.engine.Change;
import io.insula.syncer.engine.Change.ApplyToTenant;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.engine.NameMap;
import io.insula.syncer.engine.SyncEvent;
import io.insula.syncer.engine.SyncEvent.HostOnly;
import io.insula.syncer.engine.SyncEvent.Paired;
import io.insula.syncer.engine.SyncEvent.TenantOnly;
import io.insula.syncer.engine.SyncSpec;
import io.insula.syncer.engine.SyncSpec.Direction;
import io.insula.syncer.engine.Syncer;
import io.insula.syncer.engine.TenantView;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/// What the host says about a tenant's pods, told to the tenant: names translated back. Host events end by themselves
/// on
/// either side, so nothing is ever deleted.
@Singleton
final class EventSyncer implements Syncer<Event> {

    @Override
    public SyncSpec<Event> spec() {
        return new SyncSpec<>(
                Kinds.EVENT,
                Direction.HOST_TO_TENANT,
                false,
                List.of(Kinds.EVENT),
                Map.of(SyncSpec.resource(Kinds.EVENT), Set.of("get", "list", "watch")));
    }

    @Override
    public List<Change> decide(SyncEvent<Event> event, TenantView view) {
        return switch (event) {
            case HostOnly<Event>(var host)
            when host instanceof Event told ->
                translate(told, view).<List<Change>>map(List::of).orElse(List.of());
            case HostOnly<Event> _, Paired<Event> _, TenantOnly<Event> _ -> List.of();
        };
    }

    @Override
    public String hostName(String namespace, String name, NameMap names) {
        return name;
    }

    @Override
    public List<Reference> tenantObjectsOf(HasMetadata host, TenantView view) {
        return host instanceof Event told
                ? involved(told, view)
                        .map(object -> List.of(new Reference(
                                "Event", Kinds.annotation(object, InsulaLabels.NAMESPACE), Kinds.name(told))))
                        .orElse(List.of())
                : List.of();
    }

    private static Optional<Change> translate(Event told, TenantView view) {
        return involved(told, view).map(object -> new ApplyToTenant(Kinds.EVENT, tenantEvent(told, object, view), ""));
    }

    private static Event tenantEvent(Event told, HasMetadata object, TenantView view) {
        var namespace = Kinds.annotation(object, InsulaLabels.NAMESPACE);
        var name = Kinds.annotation(object, InsulaLabels.NAME);
        var message = Objects.requireNonNullElse(told.getMessage(), "")
                .replace(view.names().tenant().hostNamespace() + "/" + Kinds.name(object), namespace + "/" + name)
                .replace(Kinds.name(object), name)
                .replace(view.names().tenant().hostNamespace(), namespace);
        return new EventBuilder(told)
                .withNewMetadata()
                .withName(Kinds.name(told))
                .withNamespace(namespace)
                .addToLabels(InsulaLabels.MANAGED_BY, InsulaLabels.SYNCER)
                .endMetadata()
                .withRelated(null)
                .editInvolvedObject()
                .withApiVersion("v1")
                .withKind("Pod")
                .withNamespace(namespace)
                .withName(name)
                .withUid(Kinds.annotation(object, InsulaLabels.UID))
                .withResourceVersion(null)
                .endInvolvedObject()
                .withMessage(message)
                .build();
    }

    /// The host pod or machine, if it is this tenant's.
    private static Optional<? extends HasMetadata> involved(Event told, TenantView view) {
        var involved = told.getInvolvedObject();
        if (involved == null || involved.getName() == null || involved.getKind() == null) {
            return Optional.empty();
        }
        Optional<? extends HasMetadata> object = switch (involved.getKind()) {
            case "Pod" -> view.hostObject(Kinds.POD, involved.getName());
            case "VirtualMachineInstance" -> view.hostObject(Kinds.MACHINE, involved.getName());
            default -> Optional.empty();
        };
        return object.filter(found -> view.names().tenantKey(found).isPresent());
    }
}
