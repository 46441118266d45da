package io.insula.tenantapi.admission.plugins;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.registry.AdmissionPlugin;
import io.insula.tenantapi.view.ContainerView.Kind;
import io.insula.tenantapi.view.PodSpecView;
import jakarta.inject.Singleton;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// Gives containers the default requests and limits of their namespace's LimitRanges, and refuses pods and claims
/// beyond
/// the ranges. Source: kubernetes/plugin/pkg/admission/limitranger.
@Singleton
final class LimitRanger implements AdmissionPlugin.Mutating, AdmissionPlugin.Validating {

    private static final GroupVersionResource RANGES = Requests.core("limitranges");
    private static final String ANNOTATION = "kubernetes.io/limit-ranger";

    @Override
    public PluginSpec spec() {
        return new PluginSpec("LimitRanger", 30, Set.of(Operation.CREATE));
    }

    @Override
    public void admit(Request request) {
        if (!Requests.isPodCreate(request)) {
            return;
        }
        var requests = new LinkedHashMap<String, String>();
        var limits = new LinkedHashMap<String, String>();
        for (JsonNode item : items(request, "Container")) {
            item.path("defaultRequest")
                    .properties()
                    .forEach(e -> requests.put(e.getKey(), e.getValue().asText()));
            item.path("default")
                    .properties()
                    .forEach(e -> limits.put(e.getKey(), e.getValue().asText()));
        }
        if (requests.isEmpty() && limits.isEmpty()) {
            return;
        }
        var notes = new ArrayList<String>();
        ObjectNode spec = Requests.spec(request);
        var pod = new PodSpecView(spec);
        pod.containers(Kind.ORDINARY)
                .forEach(c -> c.edit(tree -> setDefaults(tree, "container", requests, limits, notes)));
        pod.containers(Kind.INIT)
                .forEach(c -> c.edit(tree -> setDefaults(tree, "init container", requests, limits, notes)));
        if (!notes.isEmpty()) {
            Meta.of(Requests.object(request))
                    .withObjectProperty("annotations")
                    .put(ANNOTATION, "LimitRanger plugin set: " + String.join("; ", notes));
        }
    }

    @Override
    public void validate(Request request) {
        var findings = new ArrayList<String>();
        if (Requests.isPodCreate(request)) {
            ObjectNode spec = Requests.spec(request);
            for (JsonNode item : items(request, "Container")) {
                var pod = new PodSpecView(spec);
                pod.containers(Kind.ORDINARY).forEach(c -> findings.addAll(check("Container", item, c.resources())));
                pod.containers(Kind.INIT).forEach(c -> findings.addAll(check("Container", item, c.resources())));
            }
            for (JsonNode item : items(request, "Pod")) {
                findings.addAll(check("Pod", item, PodResources.total(spec)));
            }
        } else if (Requests.isFor(request, "", "persistentvolumeclaims")) {
            for (JsonNode item : items(request, "PersistentVolumeClaim")) {
                findings.addAll(check(
                        "PersistentVolumeClaim", item, Requests.spec(request).path("resources")));
            }
        }
        if (!findings.isEmpty()) {
            throw Requests.forbidden(
                    request, findings.size() == 1 ? findings.getFirst() : "[" + String.join(", ", findings) + "]");
        }
    }

    private static List<JsonNode> items(Request request, String type) {
        return request.client().recent().list(RANGES, request.namespace(), ObjectClient.Query.ALL).items().stream()
                .flatMap(range -> range.path("spec").path("limits").valueStream())
                .filter(item -> item.path("type").asText().equals(type))
                .toList();
    }

    private static void setDefaults(
            ObjectNode container,
            String what,
            Map<String, String> requests,
            Map<String, String> limits,
            List<String> notes) {
        String name = container.path("name").asText();
        note(notes, setMissing(container, "requests", requests), " request for " + what + " " + name);
        note(notes, setMissing(container, "limits", limits), " limit for " + what + " " + name);
    }

    private static void note(List<String> notes, Set<String> set, String where) {
        if (!set.isEmpty()) {
            notes.add(String.join(", ", set) + where);
        }
    }

    private static Set<String> setMissing(ObjectNode container, String field, Map<String, String> defaults) {
        var set = new TreeSet<String>();
        defaults.forEach((resource, amount) -> {
            if (!container.path("resources").path(field).has(resource)) {
                container
                        .withObjectProperty("resources")
                        .withObjectProperty(field)
                        .put(resource, amount);
                set.add(resource);
            }
        });
        return set;
    }

    private static List<String> check(String type, JsonNode item, JsonNode resources) {
        var findings = new ArrayList<String>();
        item.path("min").properties().forEach(e -> checkMin(findings, type, e.getKey(), e.getValue(), resources));
        item.path("max").properties().forEach(e -> checkMax(findings, type, e.getKey(), e.getValue(), resources));
        item.path("maxLimitRequestRatio")
                .properties()
                .forEach(e -> checkRatio(findings, type, e.getKey(), e.getValue(), resources));
        return findings;
    }

    private static void checkMin(List<String> findings, String type, String name, JsonNode min, JsonNode resources) {
        JsonNode request = resources.path("requests").path(name);
        JsonNode limit = resources.path("limits").path(name);
        String rule = "minimum " + name + " usage per " + type + " is " + min.asText();
        if (request.isMissingNode()) {
            findings.add(rule + ".  No request is specified");
        } else if (isLess(request, min)) {
            findings.add(rule + ", but request is " + request.asText());
        } else if (!limit.isMissingNode() && isLess(limit, min)) {
            findings.add(rule + ", but limit is " + limit.asText());
        }
    }

    private static void checkMax(List<String> findings, String type, String name, JsonNode max, JsonNode resources) {
        JsonNode request = resources.path("requests").path(name);
        JsonNode limit = resources.path("limits").path(name);
        String rule = "maximum " + name + " usage per " + type + " is " + max.asText();
        boolean claim = type.equals("PersistentVolumeClaim");
        if (limit.isMissingNode() && !claim) {
            findings.add(rule + ".  No limit is specified");
        } else if (!limit.isMissingNode() && isLess(max, limit)) {
            findings.add(rule + ", but limit is " + limit.asText());
        } else if (!request.isMissingNode() && isLess(max, request)) {
            findings.add(rule + ", but request is " + request.asText());
        }
    }

    private static void checkRatio(
            List<String> findings, String type, String name, JsonNode ratio, JsonNode resources) {
        BigDecimal request = Quantities.parse(resources.path("requests").path(name));
        BigDecimal limit = Quantities.parse(resources.path("limits").path(name));
        String rule = name + " max limit to request ratio per " + type + " is " + ratio.asText();
        if (request.signum() == 0) {
            findings.add(rule + ", but no request is specified or request is 0");
        } else if (limit.signum() == 0) {
            findings.add(rule + ", but no limit is specified or limit is 0");
        } else {
            BigDecimal actual = limit.divide(request, MathContext.DECIMAL64);
            if (actual.compareTo(Quantities.parse(ratio)) > 0) {
                findings.add(rule + ", but provided ratio is " + String.format(Locale.ROOT, "%.6f", actual));
            }
        }
    }

    private static boolean isLess(JsonNode one, JsonNode other) {
        return Quantities.parse(one).compareTo(Quantities.parse(other)) < 0;
    }
}
