package io.insula.tenantapi.kinds.core;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.kinds.Checks;
import io.insula.tenantapi.kinds.Fields;
import io.insula.tenantapi.kinds.PodQos;
import io.insula.tenantapi.kinds.PodRules;
import io.insula.tenantapi.view.Condition;
import io.insula.tenantapi.view.ContainerView;
import io.insula.tenantapi.view.ContainerView.Kind;
import io.insula.tenantapi.view.PodSpecView;
import io.insula.tenantapi.view.PodView;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// What may change in a pod that exists. Source: kubernetes `ValidatePodUpdate`,
/// `ValidatePodEphemeralContainersUpdate`,
/// `ValidatePodResize`.
final class PodUpdates {

    private static final String ONLY = "pod updates may not change fields other than `spec.containers[*].image`,"
            + "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to"
            + " existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was"
            + " previously negative)";

    /// Upstream's order of findings.
    private static final List<Kind> CHANGEABLE = List.of(Kind.ORDINARY, Kind.INIT);

    private PodUpdates() {}

    static List<FieldError> validate(JsonNode wanted, JsonNode current) {
        var checks = new Checks();
        JsonNode spec = wanted.path("spec");
        JsonNode old = current.path("spec");
        for (Kind kind : CHANGEABLE) {
            if (new PodSpecView(spec).count(kind) != new PodSpecView(old).count(kind)) {
                checks.add(
                        FieldError.forbidden("spec." + kind.field(), "pod updates may not add or remove containers"));
                return checks.errors();
            }
        }
        deadline(checks, spec, old);
        tolerations(checks, spec, old);
        gates(checks, spec, old);
        if (!Checks.same(munged(spec, old), old)) {
            checks.add(FieldError.forbidden("spec", ONLY));
        }
        return checks.errors();
    }

    /// `spec` with everything that may change put back to what it was.
    private static ObjectNode munged(JsonNode spec, JsonNode old) {
        ObjectNode copy = Checks.with(spec, old, "activeDeadlineSeconds", "tolerations", "schedulingGates");
        for (ContainerView container : new PodSpecView(copy).startedContainers()) {
            JsonNode before = new PodSpecView(old).list(container.list()).path(container.index());
            container.edit(tree -> tree.set("image", before.path("image")));
        }
        long grace = old.path("terminationGracePeriodSeconds").asLong();
        if (grace < 0 && copy.path("terminationGracePeriodSeconds").asLong() == 1) {
            copy.put("terminationGracePeriodSeconds", grace);
        }
        if (!old.path("schedulingGates").isEmpty()) {
            // a gated pod may still be steered; that it is only narrowed is for the scheduler's queue to see
            for (String field : List.of("nodeSelector", "affinity")) {
                copy.set(field, old.path(field).isMissingNode() ? copy.nullNode() : old.path(field));
            }
        }
        return copy;
    }

    private static void deadline(Checks checks, JsonNode spec, JsonNode old) {
        if (!old.hasNonNull("activeDeadlineSeconds")) {
            return;
        }
        long before = old.path("activeDeadlineSeconds").asLong();
        if (!spec.hasNonNull("activeDeadlineSeconds")) {
            checks.add(FieldError.invalid(
                    "spec.activeDeadlineSeconds", "null", "must not update from a positive integer to nil value"));
        } else if (spec.path("activeDeadlineSeconds").asLong() > before) {
            checks.add(FieldError.invalid(
                    "spec.activeDeadlineSeconds",
                    spec.path("activeDeadlineSeconds").asLong(),
                    "must be less than or equal to previous value"));
        }
    }

    private static void tolerations(Checks checks, JsonNode spec, JsonNode old) {
        Set<JsonNode> now = new HashSet<>();
        new PodSpecView(spec).tolerations().forEach(t -> now.add(withoutSeconds(t)));
        for (JsonNode toleration : new PodSpecView(old).tolerations()) {
            if (!now.contains(withoutSeconds(toleration))) {
                checks.add(FieldError.forbidden(
                        "spec.tolerations", "existing toleration can not be modified except its tolerationSeconds"));
                return;
            }
        }
    }

    private static JsonNode withoutSeconds(JsonNode toleration) {
        return toleration.deepCopy() instanceof ObjectNode copy ? copy.without("tolerationSeconds") : toleration;
    }

    private static void gates(Checks checks, JsonNode spec, JsonNode old) {
        Set<String> before = new HashSet<>();
        old.path("schedulingGates").forEach(g -> before.add(g.path("name").asText()));
        int i = 0;
        for (JsonNode gate : spec.path("schedulingGates")) {
            if (!before.contains(gate.path("name").asText())) {
                checks.add(FieldError.forbidden(
                        "spec.schedulingGates[" + i + "].name",
                        "only deletion is allowed, but found new scheduling gate '"
                                + gate.path("name").asText() + "'"));
            }
            i++;
        }
    }

    /// The condition goes with the last gate, and the scheduler takes over.
    static void dropUnscheduledCondition(ObjectNode wanted, JsonNode current) {
        boolean opened = PodView.of(current).spec().isGated()
                && !PodView.of(wanted).spec().isGated();
        if (opened && Condition.listOf(wanted) instanceof ArrayNode conditions) {
            for (var all = conditions.elements(); all.hasNext(); ) {
                if (all.next().path("reason").asText().equals("SchedulingGated")) {
                    all.remove();
                }
            }
        }
    }

    /// What a subresource writes: its own fields over the stored pod, with the request's preconditions.
    static ObjectNode merge(String subresource, ObjectNode current, ObjectNode body) {
        ObjectNode wanted = body.deepCopy();
        if (subresource.equals("resize")) {
            onlyResources(wanted, current);
        } else {
            onlyEphemeralContainers(wanted, current);
        }
        return wanted;
    }

    static void onlyEphemeralContainers(ObjectNode wanted, JsonNode current) {
        JsonNode asked = PodView.of(wanted).spec().list(Kind.EPHEMERAL);
        keepAllBut(wanted, current);
        if (!asked.isMissingNode()) {
            Fields.object(wanted, "spec").set(Kind.EPHEMERAL.field(), asked);
        }
    }

    static void onlyResources(ObjectNode wanted, JsonNode current) {
        var asked = new PodSpecView(wanted.path("spec").deepCopy());
        keepAllBut(wanted, current);
        for (ContainerView container : PodView.of(wanted).spec().startedContainers()) {
            JsonNode from = Fields.find(asked.list(container.list()), "name", container.name());
            for (String field : List.of("resources", "resizePolicy")) {
                if (from.hasNonNull(field)) {
                    container.edit(tree -> tree.set(field, from.path(field)));
                }
            }
        }
    }

    private static void keepAllBut(ObjectNode wanted, JsonNode current) {
        JsonNode metadata = wanted.path("metadata").deepCopy();
        wanted.removeAll();
        wanted.setAll((ObjectNode) current.deepCopy());
        ObjectNode kept = Meta.of(wanted);
        for (String field : List.of("resourceVersion", "uid", "managedFields")) {
            if (metadata.hasNonNull(field)) {
                kept.set(field, metadata.path(field));
            }
        }
    }

    static List<FieldError> validateEphemeralContainers(JsonNode wanted, JsonNode current) {
        var checks = new Checks();
        JsonNode now = PodView.of(wanted).spec().list(Kind.EPHEMERAL);
        for (ContainerView old : PodView.of(current).spec().containers(Kind.EPHEMERAL)) {
            String name = old.name();
            JsonNode same = Fields.find(now, "name", name);
            if (same.isMissingNode()) {
                checks.add(FieldError.forbidden(
                        "spec.ephemeralContainers",
                        "existing ephemeral containers \"" + name + "\" may not be removed\n"));
            } else if (!Checks.same(same, old.tree())) {
                checks.add(FieldError.forbidden(
                        "spec.ephemeralContainers",
                        "existing ephemeral containers \"" + name + "\" may not be changed\n"));
            }
        }
        return checks.addAll(PodRules.validate(wanted.path("spec"), "spec")).errors();
    }

    static List<FieldError> validateResize(JsonNode wanted, JsonNode current) {
        var checks = new Checks();
        String before = PodQos.of(current.path("spec"));
        if (!PodQos.of(wanted.path("spec")).equals(before)) {
            checks.add(FieldError.invalid(
                    "spec", PodQos.of(wanted.path("spec")), "Pod QOS Class may not change as a result of resizing"));
        }
        return checks.addAll(PodRules.validate(wanted.path("spec"), "spec")).errors();
    }
}
