package io.insula.tenantapi.pipeline;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.registry.PatchRequest;
import io.insula.tenantapi.registry.ResourceKind;
import io.insula.tenantapi.wire.Decoded;
import io.insula.tenantapi.wire.WireCodec;
import io.insula.tenantapi.wire.WireFormat;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// Reads request bodies.
final class Bodies {

    private Bodies() {}

    /// @throws ApiException 415 for a format that the kind does not take, 400 for a body that is not an object
    static Decoded object(Exchange exchange, ResourceKind kind) {
        WireFormat format = formatOf(exchange);
        if (kind.isCustom() && format == WireFormat.PROTOBUF) {
            throw ApiException.unsupportedMediaType(List.of(WireFormat.JSON.mediaType(), WireFormat.YAML.mediaType()));
        }
        return exchange.codec().decode(exchange.request().body(), format);
    }

    /// The `DeleteOptions` of a body; empty where there is none.
    static ObjectNode deleteOptions(Exchange exchange) {
        byte[] body = exchange.request().body();
        if (body.length == 0) {
            return Json.object();
        }
        ObjectNode options = exchange.codec().decode(body, formatOf(exchange)).object();
        exchange.audit().requestObject(options);
        String kind = options.path("kind").asText("DeleteOptions");
        if (!kind.equals("DeleteOptions")) {
            throw ApiException.badRequest("decoded object cannot be converted to DeleteOptions: " + kind);
        }
        options.remove(List.of("kind", "apiVersion"));
        return options;
    }

    /// @throws ApiException 415 for a patch type that the kind does not take, 400 for a body that cannot be read
    static PatchRequest patch(Exchange exchange, ResourceKind kind) {
        String type = contentType(exchange);
        var accepted = new ArrayList<>(List.of(PatchRequest.Type.values()));
        if (kind.isCustom()) {
            accepted.remove(PatchRequest.Type.STRATEGIC);
        }
        PatchRequest.Type patch = accepted.stream()
                .filter(t -> t.mediaType().equals(type))
                .findFirst()
                .orElseThrow(() -> ApiException.unsupportedMediaType(
                        accepted.stream().map(PatchRequest.Type::mediaType).toList()));
        WireCodec codec = exchange.codec();
        byte[] body = exchange.request().body();
        if (patch == PatchRequest.Type.APPLY) {
            Decoded decoded = codec.decode(body, WireFormat.YAML);
            return new PatchRequest(patch, decoded.object(), decoded.strictErrors());
        }
        return new PatchRequest(patch, codec.decodePatch(body), List.of());
    }

    private static WireFormat formatOf(Exchange exchange) {
        return WireCodec.formatOf(exchange.request().header("content-type").orElse(""));
    }

    private static String contentType(Exchange exchange) {
        return Arrays.stream(
                        exchange.request().header("content-type").orElse("").split(";", -1))
                .findFirst()
                .orElse("")
                .trim()
                .toLowerCase(Locale.ROOT);
    }
}
