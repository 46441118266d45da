package io.insula.tenantapi.kinds.apps;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.kinds.Checks;
import io.insula.tenantapi.kinds.Fields;
import io.insula.tenantapi.kinds.Printers;
import io.insula.tenantapi.registry.Column;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.StoredKind;
import io.insula.tenantapi.registry.WriteContext;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

@Singleton
final class ControllerRevisionKind implements StoredKind {

    private static final KindSpec SPEC = KindSpec.namespaced("apps", "v1", "ControllerRevision", "controllerrevisions");

    @Override
    public KindSpec spec() {
        return SPEC;
    }

    @Override
    public List<FieldError> validateCreate(JsonNode object, WriteContext context) {
        return new Checks().notNegative(object, "", "revision").errors();
    }

    @Override
    public List<FieldError> validateUpdate(JsonNode wanted, JsonNode current, WriteContext context) {
        return new Checks().immutable(wanted, current, "data").errors();
    }

    @Override
    public List<Column> columns() {
        return List.of(
                Printers.NAME,
                Column.of("Controller", (o, now) -> controller(o)),
                Printers.number("Revision", "revision"),
                Printers.AGE);
    }

    private static String controller(JsonNode object) {
        JsonNode owner = Fields.find(object.path("metadata").path("ownerReferences"), "controller", "true");
        if (owner.isMissingNode()) {
            return Printers.NONE;
        }
        String group = Stream.of(owner.path("apiVersion").asText())
                .filter(v -> v.contains("/"))
                .map(v -> "." + v.substring(0, v.indexOf('/')))
                .findFirst()
                .orElse("");
        return owner.path("kind").asText().toLowerCase(Locale.ROOT) + group + "/"
                + owner.path("name").asText();
    }
}
