package io.insula.tenantapi.kinds.core;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.rules.keys.WellKnownKeys;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.kinds.Checks;
import io.insula.tenantapi.kinds.Fields;
import io.insula.tenantapi.kinds.Printers;
import io.insula.tenantapi.registry.Column;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.StoredKind;
import io.insula.tenantapi.registry.WriteContext;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;

@Singleton
final class SecretKind implements StoredKind {

    /// What each well-known type must carry.
    private static final Map<String, List<String>> NEEDED = Map.of(
            "kubernetes.io/tls", List.of("tls.crt", "tls.key"),
            "kubernetes.io/dockerconfigjson", List.of(".dockerconfigjson"),
            "kubernetes.io/dockercfg", List.of(".dockercfg"),
            "kubernetes.io/ssh-auth", List.of("ssh-privatekey"));

    private static final KindSpec SPEC = KindSpec.namespaced("", "v1", "Secret", "secrets");

    @Override
    public KindSpec spec() {
        return SPEC;
    }

    @Override
    public void applyDefaults(ObjectNode object) {
        Fields.defaultText(object, "type", "Opaque");
        if (object.path("stringData") instanceof ObjectNode plain) {
            ObjectNode data = Fields.object(object, "data");
            plain.properties()
                    .forEach(e -> data.put(e.getKey(), encode(e.getValue().asText())));
            object.remove("stringData");
        }
    }

    @Override
    public List<FieldError> validateCreate(JsonNode object, WriteContext context) {
        return validate(object);
    }

    @Override
    public List<FieldError> validateUpdate(JsonNode wanted, JsonNode current, WriteContext context) {
        var checks = new Checks().immutable(wanted, current, "type");
        return checks.addAll(DataRules.frozen(wanted, current, "data"))
                .addAll(validate(wanted))
                .errors();
    }

    @Override
    public List<String> selectableFieldNames() {
        return List.of("type");
    }

    @Override
    public Map<String, String> selectableFields(JsonNode object) {
        return Map.of("type", object.path("type").asText(""));
    }

    @Override
    public List<Column> columns() {
        return List.of(Printers.NAME, Printers.text("Type", "type"), Printers.count("Data", "data"), Printers.AGE);
    }

    private static List<FieldError> validate(JsonNode object) {
        var checks = new Checks().addAll(DataRules.validate(object, "data"));
        String type = object.path("type").asText("");
        for (String key : NEEDED.getOrDefault(type, List.of())) {
            if (!object.path("data").has(key)) {
                checks.add(FieldError.required("data[" + key + "]", ""));
            }
        }
        if (type.equals(WellKnownKeys.ACCOUNT_TOKEN)
                && Meta.annotations(object)
                        .getOrDefault(WellKnownKeys.ACCOUNT_NAME, "")
                        .isEmpty()) {
            checks.add(FieldError.required("metadata.annotations[" + WellKnownKeys.ACCOUNT_NAME + "]", ""));
        }
        if (type.equals("kubernetes.io/basic-auth")
                && !object.path("data").has("username")
                && !object.path("data").has("password")) {
            checks.add(FieldError.required("data[username]", ""));
            checks.add(FieldError.required("data[password]", ""));
        }
        return checks.errors();
    }

    private static String encode(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
