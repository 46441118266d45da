package io.insula.tenantapi.admission.plugins;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.rules.resources.Amounts;
import io.insula.rules.resources.Quantity;
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

/// Gives containers the default requests and limits of their namespace's LimitRanges, and refuses pods and
/// claims beyond the ranges. Source: kubernetes/plugin/pkg/admission/limitranger.
@Singleton
final class LimitRanger implements AdmissionPlugin.Mutating, AdmissionPlugin.Validating {

    private static final GroupVersionResource RANGES = Requests.core("limitranges");
    private static final String ANNOTATION = "kubernetes.io/limit-ranger";
    private static final String CLAIM = "PersistentVolumeClaim";

    @Override
    public PluginSpec spec() {
        return new PluginSpec("LimitRanger", 30, Set.of(Operation.CREATE, Operation.UPDATE));
    }

    @Override
    public void admit(Request request) {
        if (!concernsPod(request)) {
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
        if (concernsPod(request)) {
            var pod = new PodSpecView(Requests.spec(request));
            for (JsonNode item : items(request, "Container")) {
                pod.startedContainers()
                        .forEach(c -> findings.addAll(check("Container", item, Asked.of(c.resources()))));
            }
            var whole = new Asked(pod.requests(), pod.limits());
            items(request, "Pod").forEach(item -> findings.addAll(check("Pod", item, whole)));
        } else if (concernsClaim(request)) {
            Amounts asked = Asked.of(Requests.spec(request).path("resources")).requests();
            items(request, CLAIM).forEach(item -> findings.addAll(checkClaim(item, asked)));
        }
        if (!findings.isEmpty()) {
            throw Requests.forbidden(
                    request, findings.size() == 1 ? findings.getFirst() : "[" + String.join(", ", findings) + "]");
        }
    }

    /// A new pod, or one that is resized: nothing else changes what its containers ask for.
    private static boolean concernsPod(Request request) {
        return Requests.isPodCreate(request)
                || (request.operation() == Operation.UPDATE
                        && Requests.isForAny(request, "", "pods")
                        && request.subresource().equals("resize")
                        && !isGoing(request));
    }

    private static boolean concernsClaim(Request request) {
        return Requests.isFor(request, "", "persistentvolumeclaims") && !isGoing(request);
    }

    private static boolean isGoing(Request request) {
        ObjectNode old = request.oldObject();
        return old != null && Meta.isBeingDeleted(old);
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

    /// What is held against a range.
    private record Asked(Amounts requests, Amounts limits) {

        static Asked of(JsonNode resources) {
            return new Asked(Amounts.of(resources.path("requests")), Amounts.of(resources.path("limits")));
        }
    }

    private static List<String> check(String type, JsonNode item, Asked asked) {
        var findings = new ArrayList<String>();
        Amounts.of(item.path("min"))
                .byName()
                .forEach((name, min) -> checkMin(findings, rule("minimum", name, type, min), name, min, asked));
        Amounts.of(item.path("max"))
                .byName()
                .forEach((name, max) -> checkMax(findings, rule("maximum", name, type, max), name, max, asked));
        Amounts.of(item.path("maxLimitRequestRatio"))
                .byName()
                .forEach((name, ratio) -> checkRatio(findings, type, name, ratio, asked));
        return findings;
    }

    /// Only what is requested: a claim's limits are nobody's wish.
    private static List<String> checkClaim(JsonNode item, Amounts requests) {
        var findings = new ArrayList<String>();
        var asked = new Asked(requests, Amounts.NONE);
        Amounts.of(item.path("min"))
                .byName()
                .forEach((name, min) -> checkMin(findings, rule("minimum", name, CLAIM, min), name, min, asked));
        Amounts.of(item.path("max")).byName().forEach((name, max) -> {
            String rule = rule("maximum", name, CLAIM, max);
            if (!requests.has(name)) {
                findings.add(rule + ".  No request is specified");
            } else if (max.compareTo(requests.get(name)) < 0) {
                findings.add(rule + ", but request is " + requests.get(name));
            }
        });
        return findings;
    }

    private static String rule(String bound, String name, String type, Quantity amount) {
        return bound + " " + name + " usage per " + type + " is " + amount;
    }

    private static void checkMin(List<String> findings, String rule, String name, Quantity min, Asked asked) {
        if (!asked.requests().has(name)) {
            findings.add(rule + ".  No request is specified");
        } else if (asked.requests().get(name).compareTo(min) < 0) {
            findings.add(rule + ", but request is " + asked.requests().get(name));
        } else if (asked.limits().has(name) && asked.limits().get(name).compareTo(min) < 0) {
            findings.add(rule + ", but limit is " + asked.limits().get(name));
        }
    }

    private static void checkMax(List<String> findings, String rule, String name, Quantity max, Asked asked) {
        if (!asked.limits().has(name)) {
            findings.add(rule + ".  No limit is specified");
        } else if (max.compareTo(asked.limits().get(name)) < 0) {
            findings.add(rule + ", but limit is " + asked.limits().get(name));
        } else if (max.compareTo(asked.requests().get(name)) < 0) {
            findings.add(rule + ", but request is " + asked.requests().get(name));
        }
    }

    private static void checkRatio(List<String> findings, String type, String name, Quantity ratio, Asked asked) {
        BigDecimal request = asked.requests().get(name).value();
        BigDecimal limit = asked.limits().get(name).value();
        String rule = name + " max limit to request ratio per " + type + " is " + ratio;
        if (request.signum() == 0) {
            findings.add(rule + ", but no request is specified or request is 0");
        } else if (limit.signum() == 0) {
            findings.add(rule + ", but no limit is specified or limit is 0");
        } else {
            BigDecimal actual = limit.divide(request, MathContext.DECIMAL64);
            if (actual.compareTo(ratio.value()) > 0) {
                findings.add(rule + ", but provided ratio is " + String.format(Locale.ROOT, "%.6f", actual));
            }
        }
    }
}
