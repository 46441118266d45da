package io.insula.tenantapi.bootstrap;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/// Reads subjects as the YAML files write them: `Group system:masters`, `ServiceAccount kube-system/kube-dns`.
final class Subjects {

    static final String RBAC = "rbac.authorization.k8s.io";

    private Subjects() {}

    /// In the shape of an RBAC binding.
    static void addToBinding(ArrayNode subjects, String text) {
        var subject = Parsed.of(text);
        ObjectNode node = subjects.addObject().put("kind", subject.kind());
        if (subject.isServiceAccount()) {
            node.put("name", subject.name()).put("namespace", subject.namespace());
        } else {
            node.put("apiGroup", RBAC).put("name", subject.name());
        }
    }

    /// In the shape of a FlowSchema.
    static void addToFlowSchema(ArrayNode subjects, String text) {
        var subject = Parsed.of(text);
        ObjectNode node = subjects.addObject().put("kind", subject.kind());
        String field =
                subject.isServiceAccount() ? "serviceAccount" : subject.kind().equals("Group") ? "group" : "user";
        ObjectNode named = node.putObject(field).put("name", subject.name());
        if (subject.isServiceAccount()) {
            named.put("namespace", subject.namespace());
        }
    }

    private record Parsed(String kind, String namespace, String name) {

        static Parsed of(String text) {
            int blank = text.indexOf(' ');
            String kind = text.substring(0, blank);
            String rest = text.substring(blank + 1);
            int slash = rest.indexOf('/');
            return kind.equals("ServiceAccount")
                    ? new Parsed(kind, rest.substring(0, slash), rest.substring(slash + 1))
                    : new Parsed(kind, "", rest);
        }

        boolean isServiceAccount() {
            return kind.equals("ServiceAccount");
        }
    }
}
