package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.insula.syncer.engine.Change;
import io.insula.syncer.engine.Change.ApplyToTenant;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.engine.KindRef;
import io.insula.syncer.engine.NameMap;
import io.insula.syncer.engine.SyncEvent;
import io.insula.syncer.engine.SyncEvent.HostOnly;
import io.insula.syncer.engine.SyncEvent.Paired;
import io.insula.syncer.engine.SyncEvent.TenantOnly;
import io.insula.syncer.engine.SyncKey;
import io.insula.syncer.engine.SyncSpec;
import io.insula.syncer.engine.SyncSpec.Direction;
import io.insula.syncer.engine.Syncer;
import io.insula.syncer.engine.TenantView;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// What the host says about a tenant's objects, told to the tenant in its own names ([HostTexts]). An event is made
/// anew of what a tenant may know: who reported it is left out unless that is the node of its pod, as are related
/// objects. Host events end by themselves on either side, so nothing is ever deleted.
@Singleton
final class EventSyncer implements Syncer<Event> {

    /// Those of the tenant's that are told of. A machine is a pod there.
    private static final Map<String, KindRef<?>> TOLD = Map.of(
            "Pod", Kinds.POD,
            "PersistentVolumeClaim", Kinds.CLAIM,
            "Service", Kinds.SERVICE,
            "NetworkPolicy", Kinds.NETWORK_POLICY,
            "Ingress", Kinds.INGRESS,
            "EndpointSlice", Kinds.ENDPOINT_SLICE);

    /// Source: kubernetes `pkg/apis/core/validation/events.go`.
    private static final int MESSAGE_LENGTH = 1024;

    private static final int NAME_LENGTH = 253;

    private static final SyncSpec<Event> SPEC = new SyncSpec<>(
            Kinds.EVENT,
            Direction.HOST_TO_TENANT,
            false,
            List.of(Kinds.EVENT),
            Map.of(SyncSpec.resource(Kinds.EVENT), Set.of("get", "list", "watch")));

    /// A host object and the tenant's that it stands for.
    private record Involved(HasMetadata host, SyncKey tenant) {}

    @Override
    public SyncSpec<Event> spec() {
        return SPEC;
    }

    @Override
    public List<Change> decide(SyncEvent<Event> event, TenantView view) {
        return switch (event) {
            case HostOnly<Event>(var host)
            when host instanceof Event told ->
                involved(told, view)
                        .<List<Change>>map(
                                object -> List.of(new ApplyToTenant(Kinds.EVENT, tenantEvent(told, object, view), "")))
                        .orElse(List.of());
            case HostOnly<Event> _, Paired<Event> _, TenantOnly<Event> _ -> List.of();
        };
    }

    @Override
    public String hostName(String namespace, String name, NameMap names) {
        return name;
    }

    /// By the host event's name; what the tenant sees has another.
    @Override
    public List<Reference> tenantObjectsOf(HasMetadata host, TenantView view) {
        return host instanceof Event told
                ? involved(told, view)
                        .map(object ->
                                List.of(new Reference("Event", object.tenant().namespace(), Kinds.name(told))))
                        .orElse(List.of())
                : List.of();
    }

    private static Event tenantEvent(Event told, Involved object, TenantView view) {
        var key = object.tenant();
        var words = HostTexts.words(named(key), key.syncer(), object.host(), view);
        var event = new EventBuilder()
                .withNewMetadata()
                .withName(name(told, object))
                .withNamespace(key.namespace())
                .addToLabels(InsulaLabels.MANAGED_BY, InsulaLabels.SYNCER)
                .endMetadata()
                .withInvolvedObject(reference(told.getInvolvedObject(), object))
                .withType(told.getType())
                .withReason(told.getReason())
                .withAction(told.getAction())
                .withMessage(cut(words.translate(Objects.requireNonNullElse(told.getMessage(), ""))))
                .withCount(told.getCount())
                .withEventTime(told.getEventTime())
                .withFirstTimestamp(told.getFirstTimestamp())
                .withLastTimestamp(told.getLastTimestamp())
                .withSeries(told.getSeries())
                .withReportingComponent(told.getReportingComponent())
                .withReportingInstance(node(told.getReportingInstance(), object));
        if (told.getSource() != null) {
            event.withNewSource()
                    .withComponent(told.getSource().getComponent())
                    .withHost(node(told.getSource().getHost(), object))
                    .endSource();
        }
        return event.build();
    }

    private static ObjectReference reference(ObjectReference told, Involved object) {
        var kind = Objects.requireNonNull(TOLD.get(object.tenant().syncer()));
        return new ObjectReferenceBuilder()
                .withApiVersion(kind.apiVersion())
                .withKind(kind.kind())
                .withNamespace(object.tenant().namespace())
                .withName(object.tenant().name())
                .withUid(Kinds.annotation(object.host(), InsulaLabels.UID))
                .withFieldPath(told.getFieldPath())
                .build();
    }

    /// The tenant object's name, and what tells its events apart.
    private static String name(Event told, Involved object) {
        var prefix = Kinds.name(object.host()) + ".";
        var name = Kinds.name(told);
        var rest = name.startsWith(prefix) ? name.substring(prefix.length()) : "";
        // as client-go's recorders name them; another name may tell anything
        var suffix = rest.matches("[0-9a-f]{1,20}")
                ? rest
                : UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)).toString();
        var own = object.tenant().name();
        return own.substring(0, Math.min(own.length(), NAME_LENGTH - 1 - suffix.length())) + "." + suffix;
    }

    /// The tenant knows the nodes of its pods, and no other machine.
    private static @Nullable String node(@Nullable String reporter, Involved object) {
        return reporter != null && reporter.equals(Workloads.nodeName(object.host())) ? reporter : null;
    }

    private static String cut(String message) {
        return message.substring(0, Math.min(MESSAGE_LENGTH, message.length()));
    }

    private static HasMetadata named(SyncKey key) {
        return new EventBuilder()
                .withNewMetadata()
                .withName(key.name())
                .withNamespace(key.namespace())
                .endMetadata()
                .build();
    }

    /// The host object, if it is this tenant's and stands for one that the tenant can see.
    private static Optional<Involved> involved(Event told, TenantView view) {
        var involved = told.getInvolvedObject();
        if (involved == null || involved.getName() == null || involved.getKind() == null) {
            return Optional.empty();
        }
        return HostTexts.KINDS.stream()
                .filter(kind -> isOf(kind, involved))
                .<HasMetadata>flatMap(kind -> view.hostObject(kind, involved.getName()).stream())
                .flatMap(host -> view.names().tenantKey(host).stream().map(key -> new Involved(host, key)))
                .filter(object -> TOLD.containsKey(object.tenant().syncer()))
                .findFirst();
    }

    /// Some reporters leave the version out.
    private static boolean isOf(KindRef<?> kind, ObjectReference named) {
        var version = named.getApiVersion();
        return kind.kind().equals(named.getKind())
                && (version == null || version.isEmpty() || kind.apiVersion().equals(version));
    }
}
