package io.insula.tenantapi.kinds.rbac;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.kinds.Fields;
import io.insula.tenantapi.kinds.Printers;
import io.insula.tenantapi.registry.Column;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// The form of roles and bindings. Source: kubernetes/pkg/apis/rbac/validation and `rbac/v1` defaults.
final class RbacForm {

    static final String GROUP = "rbac.authorization.k8s.io";
    private static final String SERVICE_ACCOUNT = "ServiceAccount";

    static final List<Column> BINDING_COLUMNS = List.of(
            Printers.NAME,
            Column.of("Role", (binding, now) -> role(binding.path("roleRef"))),
            Printers.AGE,
            Column.of("Users", (binding, now) -> subjects(binding, "User")).wide(),
            Column.of("Groups", (binding, now) -> subjects(binding, "Group")).wide(),
            Column.of("ServiceAccounts", (binding, now) -> subjects(binding, SERVICE_ACCOUNT))
                    .wide());

    private RbacForm() {}

    static List<FieldError> checkRole(JsonNode role, boolean namespaced) {
        var errors = new ArrayList<FieldError>();
        int index = 0;
        for (JsonNode rule : role.path("rules")) {
            checkRule(errors, rule, "rules[" + index++ + "]", namespaced);
        }
        return errors;
    }

    private static void checkRule(List<FieldError> errors, JsonNode rule, String path, boolean namespaced) {
        if (rule.path("verbs").isEmpty()) {
            errors.add(FieldError.required(path + ".verbs", "verbs must contain at least one value"));
        }
        JsonNode urls = rule.path("nonResourceURLs");
        if (!urls.isEmpty()) {
            if (namespaced) {
                errors.add(FieldError.invalid(
                        path + ".nonResourceURLs", urls, "namespaced rules cannot apply to non-resource URLs"));
            }
            if (!rule.path("apiGroups").isEmpty()
                    || !rule.path("resources").isEmpty()
                    || !rule.path("resourceNames").isEmpty()) {
                errors.add(FieldError.invalid(
                        path + ".nonResourceURLs",
                        urls,
                        "rules cannot apply to both regular resources and non-resource URLs"));
            }
            return;
        }
        if (rule.path("apiGroups").isEmpty()) {
            errors.add(FieldError.required(path + ".apiGroups", "resource rules must supply at least one api group"));
        }
        if (rule.path("resources").isEmpty()) {
            errors.add(FieldError.required(path + ".resources", "resource rules must supply at least one resource"));
        }
    }

    static void defaultBinding(ObjectNode binding) {
        Fields.ifObject(binding, "roleRef", ref -> Fields.defaultText(ref, "apiGroup", GROUP));
        Fields.each(binding, "subjects", subject -> {
            if (!subject.path("kind").asText().equals(SERVICE_ACCOUNT)) {
                Fields.defaultText(subject, "apiGroup", GROUP);
            }
        });
    }

    static List<FieldError> checkBinding(JsonNode binding, List<String> roleKinds, boolean namespaced) {
        var errors = new ArrayList<FieldError>();
        JsonNode ref = binding.path("roleRef");
        if (!ref.path("apiGroup").asText().equals(GROUP)) {
            errors.add(FieldError.notSupported(
                    "roleRef.apiGroup", ref.path("apiGroup").asText(), List.of(GROUP)));
        }
        if (!roleKinds.contains(ref.path("kind").asText())) {
            errors.add(FieldError.notSupported("roleRef.kind", ref.path("kind").asText(), roleKinds));
        }
        if (ref.path("name").asText("").isEmpty()) {
            errors.add(FieldError.required("roleRef.name", ""));
        }
        int index = 0;
        for (JsonNode subject : binding.path("subjects")) {
            checkSubject(errors, subject, "subjects[" + index++ + "]", namespaced);
        }
        return errors;
    }

    private static void checkSubject(List<FieldError> errors, JsonNode subject, String path, boolean namespaced) {
        if (subject.path("name").asText("").isEmpty()) {
            errors.add(FieldError.required(path + ".name", ""));
        }
        String group = subject.path("apiGroup").asText("");
        switch (subject.path("kind").asText()) {
            case SERVICE_ACCOUNT -> {
                if (!group.isEmpty()) {
                    errors.add(FieldError.notSupported(path + ".apiGroup", group, List.of("")));
                }
                if (!namespaced && subject.path("namespace").asText("").isEmpty()) {
                    errors.add(FieldError.required(path + ".namespace", ""));
                }
            }
            case "User", "Group" -> {
                if (!group.equals(GROUP)) {
                    errors.add(FieldError.notSupported(path + ".apiGroup", group, List.of(GROUP)));
                }
            }
            default ->
                errors.add(FieldError.notSupported(
                        path + ".kind", subject.path("kind").asText(), List.of("ServiceAccount", "User", "Group")));
        }
    }

    /// Whoever may change a binding must not thereby grant another role.
    static List<FieldError> checkSameRole(JsonNode wanted, JsonNode current) {
        return wanted.path("roleRef").equals(current.path("roleRef"))
                ? List.of()
                : List.of(FieldError.invalid("roleRef", wanted.path("roleRef"), "cannot change roleRef"));
    }

    private static String role(JsonNode ref) {
        return ref.path("kind").asText() + "/" + ref.path("name").asText();
    }

    private static String subjects(JsonNode binding, String kind) {
        return binding.path("subjects")
                .valueStream()
                .filter(subject -> subject.path("kind").asText().equals(kind))
                .map(subject -> kind.equals(SERVICE_ACCOUNT)
                        ? subject.path("namespace").asText() + "/"
                                + subject.path("name").asText()
                        : subject.path("name").asText())
                .collect(Collectors.joining(", "));
    }
}
