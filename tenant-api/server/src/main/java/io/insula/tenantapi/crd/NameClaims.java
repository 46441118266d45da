package io.insula.tenantapi.crd;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.ports.ObjectClient.Query;
import io.insula.tenantapi.ports.ObjectClient.ResourceInfo;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Which of its names a definition gets: those that nobody else in its group has. Source: apiextensions-apiserver,
/// `controller/status/naming_controller.go`.
final class NameClaims {

    private final Set<String> resources = new HashSet<>();
    private final Set<String> kinds = new HashSet<>();
    private final ObjectNode accepted;
    private String reason = "NoConflicts";
    private String message = "no conflicts found";

    /// @param accepted the names that it has now
    /// @param reason of the condition NamesAccepted
    record Verdict(ObjectNode accepted, String reason, String message) {
        boolean isAccepted() {
            return reason.equals("NoConflicts");
        }
    }

    private NameClaims(ObjectNode accepted) {
        this.accepted = accepted;
    }

    static Verdict of(ObjectNode definition, ObjectClient client) {
        JsonNode before = definition.path("status").path("acceptedNames");
        var claims = new NameClaims(before instanceof ObjectNode names ? names.deepCopy() : Json.object());
        claims.readOthers(definition, client);
        JsonNode wanted = definition.path("spec").path("names");
        claims.take("plural", "PluralConflict", wanted, claims.resources);
        claims.take("singular", "SingularConflict", wanted, claims.resources);
        claims.takeShortNames(wanted.path("shortNames"));
        claims.take("kind", "KindConflict", wanted, claims.kinds);
        claims.take("listKind", "ListKindConflict", wanted, claims.kinds);
        if (wanted.has("categories")) {
            claims.accepted.set("categories", wanted.get("categories").deepCopy());
        } else {
            claims.accepted.remove("categories");
        }
        claims.accepted.put("plural", claims.accepted.path("plural").asText(""));
        claims.accepted.put("kind", claims.accepted.path("kind").asText(""));
        return new Verdict(claims.accepted, claims.reason, claims.message);
    }

    private void readOthers(ObjectNode definition, ObjectClient client) {
        String group = definition.path("spec").path("group").asText();
        String own = definition.path("spec").path("names").path("plural").asText();
        for (ObjectNode other :
                client.list(CustomResources.DEFINITIONS, "", Query.ALL).items()) {
            if (Meta.name(other).equals(Meta.name(definition))
                    || !other.path("spec").path("group").asText().equals(group)) {
                continue;
            }
            JsonNode names = other.path("status").path("acceptedNames");
            resources.add(names.path("plural").asText(""));
            resources.add(names.path("singular").asText(""));
            names.path("shortNames").forEach(name -> resources.add(name.asText()));
            kinds.add(names.path("kind").asText(""));
            kinds.add(names.path("listKind").asText(""));
        }
        for (ResourceInfo served : client.resources()) {
            if (served.resource().group().equals(group)
                    && !served.resource().resource().equals(own)) {
                resources.add(served.resource().resource());
                kinds.add(served.kind());
            }
        }
        resources.remove("");
        kinds.remove("");
    }

    private void take(String field, String conflict, JsonNode wanted, Set<String> used) {
        String name = wanted.path(field).asText("");
        if (!name.equals(accepted.path(field).asText("")) && used.contains(name)) {
            refuse(conflict, List.of(name));
        } else if (name.isEmpty()) {
            accepted.remove(field);
        } else {
            accepted.put(field, name);
        }
    }

    private void takeShortNames(JsonNode wanted) {
        var mine = new HashSet<String>();
        accepted.path("shortNames").forEach(name -> mine.add(name.asText()));
        var clashes = new ArrayList<String>();
        for (JsonNode name : wanted) {
            if (!mine.contains(name.asText()) && resources.contains(name.asText())) {
                clashes.add(name.asText());
            }
        }
        if (!clashes.isEmpty()) {
            refuse("ShortNamesConflict", clashes);
        } else if (wanted.isEmpty()) {
            accepted.remove("shortNames");
        } else {
            accepted.set("shortNames", wanted.deepCopy());
        }
    }

    private void refuse(String conflict, List<String> names) {
        reason = conflict;
        List<String> texts =
                names.stream().map(name -> "\"" + name + "\" is already in use").toList();
        message = texts.size() == 1 ? texts.getFirst() : "[" + String.join(", ", texts) + "]";
    }
}
