package io.insula.tenantapi.kinds.core;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.rules.resources.Quantity;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.kinds.Checks;
import java.math.BigDecimal;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// The limits of a LimitRange, which must not contradict each other. Source: kubernetes
/// `pkg/apis/core/validation`, `ValidateLimitRange`.
final class LimitRules {

    private static final Set<String> TYPES = Set.of("Pod", "Container", "PersistentVolumeClaim");
    private static final List<String> BOUNDS =
            List.of("max", "min", "default", "defaultRequest", "maxLimitRequestRatio");

    private final Checks checks = new Checks();
    private final JsonNode limit;
    private final String at;

    private LimitRules(JsonNode limit, String at) {
        this.limit = limit;
        this.at = at;
    }

    static List<FieldError> validate(JsonNode limits) {
        var all = new Checks();
        var types = new HashSet<String>();
        int i = 0;
        for (JsonNode limit : limits) {
            String at = "spec.limits[" + i++ + "]";
            String type = limit.path("type").asText("");
            all.addAll(new LimitRules(limit, at).findings(type));
            if (!types.add(type)) {
                all.add(FieldError.duplicate(at + ".type", type));
            }
        }
        return all.errors();
    }

    private List<FieldError> findings(String type) {
        type(type);
        var names = new TreeSet<String>();
        for (String bound : BOUNDS) {
            if (type.equals("Pod") && bound.startsWith("default")) {
                if (!limit.path(bound).isEmpty()) {
                    checks.add(FieldError.forbidden(at + "." + bound, "may not be specified when `type` is 'Pod'"));
                }
                continue;
            }
            limit.path(bound).fieldNames().forEachRemaining(name -> {
                ResourceNames.limit(type, name, key(bound, name), checks);
                names.add(name);
            });
        }
        if (type.equals("PersistentVolumeClaim")
                && !limit.path("min").has("storage")
                && !limit.path("max").has("storage")) {
            checks.add(FieldError.required(
                    at + ".limits", "either minimum or maximum storage value is required, but neither was provided"));
        }
        names.forEach(name -> bounds(type, name));
        return checks.errors();
    }

    private void type(String type) {
        String finding = Checks.qualifiedName(type);
        if (finding.isEmpty() && !type.contains("/") && !TYPES.contains(type)) {
            finding = "must be a standard limit type or fully qualified";
        }
        if (!finding.isEmpty()) {
            checks.add(FieldError.invalid(at + ".type", type, finding));
        }
    }

    private void bounds(String type, String name) {
        Optional<Quantity> min = amount("min", name);
        Optional<Quantity> max = amount("max", name);
        Optional<Quantity> preset = type.equals("Pod") ? Optional.empty() : amount("default", name);
        Optional<Quantity> request = type.equals("Pod") ? Optional.empty() : amount("defaultRequest", name);
        ordered(min, max, key("min", name), min, "min value %s is greater than max value %s");
        ordered(
                min,
                request,
                key("defaultRequest", name),
                request,
                "min value %s is greater than default request value %s");
        ordered(
                request,
                max,
                key("defaultRequest", name),
                request,
                "default request value %s is greater than max value %s");
        ordered(
                request,
                preset,
                key("defaultRequest", name),
                request,
                "default request value %s is greater than default limit value %s");
        ordered(min, preset, key("default", name), min, "min value %s is greater than default value %s");
        ordered(preset, max, key("default", name), max, "default value %s is greater than max value %s");
        amount("maxLimitRequestRatio", name).ifPresent(ratio -> ratio(name, ratio, min, max));
        if (!ResourceNames.isOvercommitted(name)
                && preset.isPresent()
                && request.isPresent()
                && preset.get().compareTo(request.get()) != 0) {
            checks.add(FieldError.invalid(
                    key("defaultRequest", name),
                    request.get().toString(),
                    "default value " + preset.get() + " must equal to defaultRequest value " + request.get() + " in "
                            + name));
        }
    }

    private void ordered(
            Optional<Quantity> low, Optional<Quantity> high, String path, Optional<Quantity> shown, String message) {
        if (low.isPresent() && high.isPresent() && low.get().compareTo(high.get()) > 0) {
            checks.add(
                    FieldError.invalid(path, shown.orElseThrow().toString(), message.formatted(low.get(), high.get())));
        }
    }

    private void ratio(String name, Quantity ratio, Optional<Quantity> min, Optional<Quantity> max) {
        String path = key("maxLimitRequestRatio", name);
        if (ratio.value().compareTo(BigDecimal.ONE) < 0) {
            checks.add(FieldError.invalid(path, ratio.toString(), "ratio " + ratio + " is less than 1"));
        }
        if (min.isPresent() && max.isPresent()) {
            double most = max.get().value().doubleValue() / min.get().value().doubleValue();
            if (ratio.value().doubleValue() > most) {
                checks.add(FieldError.invalid(
                        path,
                        ratio.toString(),
                        String.format(Locale.ROOT, "ratio %s is greater than max/min = %f", ratio, most)));
            }
        }
    }

    private Optional<Quantity> amount(String bound, String name) {
        return Optional.ofNullable(limit.path(bound).get(name)).map(q -> Quantity.orZero(q.asText()));
    }

    private String key(String bound, String name) {
        return at + "." + bound + "[" + name + "]";
    }
}
