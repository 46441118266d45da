package io.insula.isolation;

import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Toleration;
import io.insula.isolation.ResourceMode.Burstable;
import io.insula.isolation.ResourceMode.Hard;
import io.insula.isolation.Sandbox.Form;
import io.insula.rules.podsecurity.PodSecurityLevel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Reads an `IsolationProfile`'s spec, but for its sandbox. Unknown fields are left to the API server's schema.
record SpecReader(Map<String, ?> spec) {

    ProfileSettings read(String name, Sandbox sandbox) {
        return new ProfileSettings(
                name,
                sandbox,
                text(spec, "runtimeClassName", sandbox.runtimeClassName()),
                podSecurity(text(spec, "podSecurity", "baseline")),
                flag(spec, "userNamespaces", false),
                seccomp(sandbox),
                mode(map(spec, "resources")),
                defaults(),
                Placement.read(spec.get("placement")).of(pool(map(spec, "nodePool"))),
                allowedTolerations(map(spec, "tolerations")),
                flag(spec, "localhostProfiles", false),
                allowances(map(spec, "allowed")),
                HostPorts.read(map(spec, "allowed").get("hostPorts"), sandbox),
                PriorityClasses.read(name, spec.get("priorityClasses")),
                overhead(sandbox),
                Fallbacks.read(
                        name,
                        spec.containsKey("onUnsupported") ? map(spec, "onUnsupported") : null,
                        texts("fallbacks", list(spec, "fallbacks"))),
                NetworkReach.read(
                        spec.containsKey("network") ? map(spec, "network") : null,
                        flag(spec, "defaultNetworkPolicy", true)),
                quantities("quota", map(spec, "quota")),
                LimitRanges.read(spec.get("limitRange"), mode(map(spec, "resources")), defaults()),
                ProcessLimit.read(spec.get("pidsLimit"), sandbox),
                text(spec, "guestImage", ProfileSettings.DEFAULT_GUEST_IMAGE),
                guestMemory(overhead(sandbox).memory()));
    }

    private static PodSecurityLevel podSecurity(String label) {
        return PodSecurityLevel.of(label)
                .orElseThrow(() -> new IllegalArgumentException(
                        "podSecurity: \"" + label + "\" (expected: one of privileged, baseline, restricted)"));
    }

    /// A container that names nothing would be without a bound if these were zero.
    private Resources defaults() {
        var read =
                amount("resources.defaults", map(map(spec, "resources"), "defaults"), ProfileSettings.DEFAULT_REQUESTS);
        positive("resources.defaults.cpu", read.cpu());
        positive("resources.defaults.memory", read.memory());
        return read;
    }

    /// A host adds a pod's overhead by its RuntimeClass, and refuses any other.
    private Resources overhead(Sandbox sandbox) {
        boolean carried = sandbox.form() == Form.MACHINE
                || !text(spec, "runtimeClassName", sandbox.runtimeClassName()).isEmpty();
        var read = amount("overhead", map(spec, "overhead"), carried ? sandbox.overhead() : Resources.NONE);
        if (!carried && (isPositive(read.cpu()) || isPositive(read.memory()))) {
            throw new IllegalArgumentException("overhead: " + map(spec, "overhead")
                    + " (expected: none, as these pods have no RuntimeClass that could carry it)");
        }
        return read;
    }

    private Quantity guestMemory(Quantity overhead) {
        var most = overhead.getNumericalAmount();
        if (!spec.containsKey("guestMemory")) {
            var usual = ProfileSettings.DEFAULT_GUEST_MEMORY;
            return usual.getNumericalAmount().compareTo(most) > 0 ? overhead : usual;
        }
        var read = quantity("guestMemory", String.valueOf(spec.get("guestMemory")));
        if (read.getNumericalAmount().compareTo(most) > 0) {
            throw new IllegalArgumentException("guestMemory: \"" + read + "\" (expected: at most overhead.memory, "
                    + overhead + ", of which it is a part)");
        }
        return read;
    }

    private static boolean isPositive(Quantity quantity) {
        return quantity.getNumericalAmount().signum() > 0;
    }

    private static void positive(String field, Quantity quantity) {
        if (!isPositive(quantity)) {
            throw new IllegalArgumentException(field + ": \"" + quantity + "\" (expected: a quantity > 0)");
        }
    }

    private static ResourceMode mode(Map<String, ?> resources) {
        var mode = text(resources, "mode", "hard");
        return switch (mode) {
            case "hard" -> new Hard();
            case "burstable" -> new Burstable(number(resources.get("maxRatio")));
            default ->
                throw new IllegalArgumentException(
                        "resources.mode: \"" + mode + "\" (expected: one of hard, burstable)");
        };
    }

    private static double number(@Nullable Object value) {
        return switch (value) {
            case null -> 4;
            case Number number -> number.doubleValue();
            default -> parsed("resources.maxRatio", value);
        };
    }

    private static double parsed(String field, Object value) {
        try {
            return Double.parseDouble(value.toString());
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(field + ": \"" + value + "\" (expected: a number)", e);
        }
    }

    private static NodePool pool(Map<String, ?> pool) {
        var selector = new LinkedHashMap<String, String>();
        map(pool, "selector").forEach((key, value) -> selector.put(key, String.valueOf(value)));
        return new NodePool(selector, tolerations("nodePool.tolerations", list(pool, "tolerations")));
    }

    private static List<Toleration> allowedTolerations(Map<String, ?> tree) {
        return tree.containsKey("allowed")
                ? tolerations("tolerations.allowed", list(tree, "allowed"))
                : ProfileSettings.DEFAULT_TOLERATIONS;
    }

    /// A list that is there and empty allows nothing; one that is not there leaves it to the level of pod security.
    private static Allowances allowances(Map<String, ?> tree) {
        return Allowances.read(field ->
                tree.containsKey(field) ? Optional.of(texts("allowed." + field, list(tree, field))) : Optional.empty());
    }

    private static List<Toleration> tolerations(String field, List<?> trees) {
        var read = new ArrayList<Toleration>();
        for (var tree : trees) {
            var path = field + "[" + read.size() + "]";
            var toleration = toleration(path, asMap(path, tree));
            Tolerations.wrong(toleration).ifPresent(wrong -> {
                throw new IllegalArgumentException(path + "." + wrong.field() + ": " + wrong.message());
            });
            read.add(toleration);
        }
        return read;
    }

    private static Toleration toleration(String path, Map<String, ?> tree) {
        var toleration = new Toleration();
        toleration.setKey(orNull(tree, "key"));
        toleration.setOperator(orNull(tree, "operator"));
        toleration.setValue(orNull(tree, "value"));
        toleration.setEffect(orNull(tree, "effect"));
        var seconds = tree.get("tolerationSeconds");
        if (seconds instanceof Number number) {
            toleration.setTolerationSeconds(number.longValue());
        } else if (seconds != null) {
            throw new IllegalArgumentException(path + ".tolerationSeconds: " + seconds + " (expected: a number)");
        }
        return toleration;
    }

    /// `Unconfined` would take from every pod what its sandbox needs, and a profile file has no name here.
    private String seccomp(Sandbox sandbox) {
        var type = text(spec, "seccomp", sandbox.form() == Form.MACHINE ? "" : "RuntimeDefault");
        if (!type.isEmpty() && !type.equals("RuntimeDefault")) {
            throw new IllegalArgumentException("seccomp: \"" + type + "\" (expected: RuntimeDefault, or empty)");
        }
        return type;
    }

    private static @Nullable String orNull(Map<String, ?> tree, String field) {
        var value = tree.get(field);
        return value == null ? null : value.toString();
    }

    private static Resources amount(String field, Map<String, ?> tree, Resources fallback) {
        var quantities = quantities(field, tree);
        return new Resources(
                quantities.getOrDefault("cpu", fallback.cpu()), quantities.getOrDefault("memory", fallback.memory()));
    }

    private static Map<String, Quantity> quantities(String field, Map<String, ?> tree) {
        var read = new LinkedHashMap<String, Quantity>();
        tree.forEach((key, value) -> read.put(key, quantity(field + "." + key, String.valueOf(value))));
        return read;
    }

    private static Quantity quantity(String field, String text) {
        try {
            var quantity = new Quantity(text);
            if (quantity.getNumericalAmount().signum() < 0) {
                throw new IllegalArgumentException("negative");
            }
            return quantity;
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new IllegalArgumentException(field + ": \"" + text + "\" (expected: a quantity >= 0)", e);
        }
    }

    private static String text(Map<String, ?> tree, String field, String fallback) {
        return tree.get(field) instanceof String text ? text : fallback;
    }

    private static boolean flag(Map<String, ?> tree, String field, boolean fallback) {
        return tree.get(field) instanceof Boolean flag ? flag : fallback;
    }

    private static Map<String, ?> map(Map<String, ?> tree, String field) {
        var value = tree.get(field);
        return value == null ? Map.of() : asMap(field, value);
    }

    private static Map<String, ?> asMap(String field, Object value) {
        if (value instanceof Map<?, ?> map) {
            var typed = new LinkedHashMap<String, Object>();
            map.forEach((key, each) -> typed.put(String.valueOf(key), each));
            return typed;
        }
        throw new IllegalArgumentException(field + ": " + value + " (expected: an object)");
    }

    private static List<?> list(Map<String, ?> tree, String field) {
        return tree.get(field) instanceof List<?> list ? list : List.of();
    }

    private static List<String> texts(String field, List<?> values) {
        for (var value : values) {
            if (!(value instanceof String)) {
                throw new IllegalArgumentException(field + ": " + value + " (expected: a string)");
            }
        }
        return values.stream().map(String::valueOf).toList();
    }
}
