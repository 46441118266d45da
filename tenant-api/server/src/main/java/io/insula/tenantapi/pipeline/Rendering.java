package io.insula.tenantapi.pipeline;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.GroupVersionKind;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.kinds.Printers;
import io.insula.tenantapi.registry.ObjectPage;
import io.insula.tenantapi.registry.ReadableKind;
import io.insula.tenantapi.registry.ResourceKind;
import io.insula.tenantapi.registry.ReviewKind;
import io.insula.tenantapi.registry.StoredKind;
import io.insula.tenantapi.registry.Subresource.Effect;
import io.insula.tenantapi.registry.Target;
import io.insula.tenantapi.table.TableRenderer;
import io.insula.tenantapi.table.TableRenderer.IncludeObject;
import io.insula.tenantapi.table.TableRenderer.Look;
import io.insula.tenantapi.wire.Negotiation;
import io.insula.tenantapi.wire.Negotiation.Choice;
import io.insula.tenantapi.wire.WireCodec;
import io.insula.tenantapi.wire.WireFormat;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/// How an answer looks: plain objects and lists, a Table, or metadata alone. Immutable; made once per request.
///
/// @param look of a Table
/// @param include of a Table's rows
record Rendering(ResourceKind kind, Look look, Choice choice, IncludeObject include) {

    private static final String META_GROUP = "meta.k8s.io";
    private static final String TABLE = "Table";
    private static final String PARTIAL = "PartialObjectMetadata";
    /// Source: kubernetes, `pkg/printers/internalversion` (printScale).
    private static final Look SCALE = new Look(
            List.of(
                    Printers.NAME,
                    Printers.number("Desired", "spec.replicas")
                            .described("replicas is the desired number of instances for the scaled object."),
                    Printers.number("Available", "status.replicas")
                            .described("replicas is the actual number of observed instances of the scaled object."),
                    Printers.AGE),
            scale -> List.of());

    private static final Look NO_ROWS = new Look(List.of(), answer -> List.of());

    private static final List<WireFormat> TEXT = List.of(WireFormat.JSON, WireFormat.YAML);
    private static final List<WireFormat> ALL = List.of(WireFormat.values());

    /// The formats in which a kind (or a shared one like Status) can be told.
    static List<WireFormat> formats(WireCodec codec, String apiVersion, String kind) {
        return codec.speaksProtobuf(apiVersion, kind) ? ALL : TEXT;
    }

    /// @throws io.insula.tenantapi.api.ApiException 406 when nothing that the client accepts can be served
    static Rendering negotiate(Exchange exchange, Target target) {
        ResourceKind kind = target.kind();
        GroupVersionKind shown = target.bodyKind();
        boolean collection =
                exchange.info().verb().equals("list") || exchange.info().verb().equals("deletecollection");
        List<WireFormat> formats = formats(exchange.codec(), shown.apiVersion(), shown.kind());
        Choice choice = Negotiation.choose(
                exchange.accept(),
                formats,
                asked -> kind instanceof ReadableKind && transforms(exchange.codec(), asked, collection));
        return new Rendering(
                kind, look(target), choice, IncludeObject.parse(exchange.query().text("includeObject")));
    }

    private static Look look(Target target) {
        return switch (target.kind()) {
            case StoredKind kind when isScale(target) && !kind.isCustom() -> SCALE;
            case ReadableKind kind -> new Look(kind.columns(), kind::rowConditions);
            // what is only answered and never kept has no rows
            case ReviewKind _ -> NO_ROWS;
        };
    }

    private static boolean isScale(Target target) {
        return target.spec()
                .findSubresource(target.subresource())
                .filter(sub -> sub.effect() instanceof Effect.Scale)
                .isPresent();
    }

    private static boolean transforms(WireCodec codec, Choice asked, boolean collection) {
        boolean known =
                asked.group().equals(META_GROUP) && Set.of("v1", "v1beta1").contains(asked.version());
        if (!known) {
            return false;
        }
        String apiVersion = META_GROUP + "/" + asked.version();
        boolean encodable = asked.format() != WireFormat.PROTOBUF || codec.speaksProtobuf(apiVersion, asked.as());
        return switch (asked.as()) {
            case TABLE -> asked.format() != WireFormat.PROTOBUF;
            case PARTIAL -> !collection && encodable;
            case PARTIAL + "List" -> collection && encodable;
            default -> false;
        };
    }

    /// Whether it is plain JSON, as it can be made from what is stored.
    boolean isPlainJson() {
        return choice.format() == WireFormat.JSON && choice.as().isEmpty();
    }

    /// One object as the client wants it. A `Status` is never transformed.
    JsonNode object(ObjectNode object, Instant now) {
        if (object.path("kind").asText().equals("Status")) {
            return object;
        }
        return switch (choice.as()) {
            case TABLE -> table(List.of(object), revisionOf(object), true, now);
            case PARTIAL -> TableRenderer.partial(choice.version(), object);
            default -> object;
        };
    }

    /// The object of a watch event.
    ///
    /// @param first whether a Table has to say its columns
    JsonNode event(String type, ObjectNode object, boolean first, Instant now) {
        if (type.equals("ERROR")) {
            return object;
        }
        return switch (choice.as()) {
            case TABLE -> table(List.of(object), revisionOf(object), first, now);
            case PARTIAL -> TableRenderer.partial(choice.version(), object);
            default -> object;
        };
    }

    /// A list as the client wants it.
    JsonNode list(ObjectPage page, Instant now) {
        ObjectNode metadata = Json.object();
        if (!page.resourceVersion().isEmpty()) {
            metadata.put("resourceVersion", page.resourceVersion());
        }
        if (!page.continueToken().isEmpty()) {
            metadata.put("continue", page.continueToken());
        }
        if (page.remaining() > 0) {
            metadata.put("remainingItemCount", page.remaining());
        }
        return switch (choice.as()) {
            case TABLE -> table(page.items(), metadata, true, now);
            case PARTIAL + "List" -> partials(page, metadata);
            default -> plain(page, metadata);
        };
    }

    private JsonNode table(List<ObjectNode> objects, ObjectNode metadata, boolean columns, Instant now) {
        return TableRenderer.render(choice.version(), look, objects, metadata, include, columns, now);
    }

    private ObjectNode plain(ObjectPage page, ObjectNode metadata) {
        var spec = kind.spec().kind();
        ObjectNode list = Json.object().put("kind", spec.kind() + "List").put("apiVersion", spec.apiVersion());
        list.set("metadata", metadata);
        ArrayNode items = list.putArray("items");
        for (ObjectNode item : page.items()) {
            if (!kind.isCustom()) {
                item.remove(List.of("kind", "apiVersion"));
            }
            items.add(item);
        }
        return list;
    }

    private ObjectNode partials(ObjectPage page, ObjectNode metadata) {
        ObjectNode list =
                Json.object().put("kind", PARTIAL + "List").put("apiVersion", META_GROUP + "/" + choice.version());
        list.set("metadata", metadata);
        ArrayNode items = list.putArray("items");
        page.items().forEach(item -> items.add(TableRenderer.partial(choice.version(), item)));
        return list;
    }

    private static ObjectNode revisionOf(ObjectNode object) {
        return Json.object().put("resourceVersion", Meta.resourceVersion(object));
    }
}
