package io.insula.tenantapi.kinds;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.registry.Column;
import io.insula.tenantapi.view.ContainerView;
import io.insula.tenantapi.view.ContainerView.Kind;
import io.insula.tenantapi.view.PodSpecView;
import io.insula.tenantapi.view.WorkloadView;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Cell texts that several kinds show, with upstream's words. Source: kubernetes `pkg/printers/internalversion`.
public final class Printers {

    public static final String NONE = "<none>";
    public static final String UNKNOWN = "<unknown>";
    public static final String UNSET = "<unset>";

    /// Every kind's first column.
    public static final Column NAME = Column.name(
            "Name must be unique within a namespace. Is required when creating resources, although some resources may"
                    + " allow a client to request the generation of an appropriate name automatically. Name is"
                    + " primarily intended for creation idempotence and configuration definition. Cannot be updated."
                    + " More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names");

    public static final Column AGE = Column.of(
                    "Age",
                    (o, now) -> age(o.path("metadata").path("creationTimestamp").asText(""), now))
            .described("CreationTimestamp is a timestamp representing the server time when this object was created.");

    private Printers() {}

    /// How long ago an RFC 3339 time was; `<unknown>` for none.
    public static String age(String timestamp, Instant now) {
        if (timestamp.isEmpty()) {
            return UNKNOWN;
        }
        try {
            return Durations.human(Duration.between(Instant.parse(timestamp), now));
        } catch (DateTimeException e) {
            return UNKNOWN;
        }
    }

    /// The text at a dotted path, empty where absent.
    public static Column text(String name, String path) {
        return Column.of(name, (o, now) -> Checks.at(o, path).asText(""));
    }

    /// The text at a dotted path, `otherwise` where absent.
    public static Column text(String name, String path, String otherwise) {
        return Column.of(name, (o, now) -> orElse(Checks.at(o, path).asText(""), otherwise));
    }

    /// The whole number at a dotted path, 0 where absent.
    public static Column number(String name, String path) {
        return Column.integer(name, (o, now) -> Checks.at(o, path).asLong());
    }

    /// The size of the list or map at a dotted path.
    public static Column count(String name, String path) {
        return Column.integer(name, (o, now) -> (long) Checks.at(o, path).size());
    }

    /// The truth at a dotted path, false where absent.
    public static Column bool(String name, String path) {
        return new Column(
                name, "boolean", "", "", 0, (o, now) -> Checks.at(o, path).asBoolean());
    }

    /// A workload's own columns and, with `-o wide`, the containers of its pods and its selector.
    public static List<Column> workload(Function<JsonNode, String> selector, Column... own) {
        var all = new ArrayList<>(templated(o -> WorkloadView.of(o).podSpec(), own));
        all.add(Column.of("Selector", (o, now) -> selector.apply(o)).wide());
        return List.copyOf(all);
    }

    /// The same of a workload whose selector is a `LabelSelector`.
    public static List<Column> workload(Column... own) {
        return workload(o -> selector(WorkloadView.of(o).selector()), own);
    }

    /// Own columns and, with `-o wide`, the names and images of a template's containers.
    public static List<Column> templated(Function<JsonNode, PodSpecView> spec, Column... own) {
        var all = new ArrayList<>(List.of(own));
        all.add(Column.of("Containers", (o, now) -> ordinary(spec.apply(o), ContainerView::name))
                .wide());
        all.add(Column.of("Images", (o, now) -> ordinary(spec.apply(o), ContainerView::image))
                .wide());
        return List.copyOf(all);
    }

    /// A text of each ordinary container, joined by commas.
    public static String ordinary(PodSpecView spec, Function<ContainerView, String> text) {
        var all = new ArrayList<String>();
        spec.containers(Kind.ORDINARY).forEach(container -> all.add(text.apply(container)));
        return String.join(",", all);
    }

    /// `a=b,c=d`, or `<none>`, sorted by key.
    public static String labels(JsonNode labels) {
        String all = labels.properties().stream()
                .map(e -> e.getKey() + "=" + e.getValue().asText())
                .sorted()
                .collect(Collectors.joining(","));
        return orElse(all, NONE);
    }

    /// A `LabelSelector` in its text form; `<none>` for an empty or absent one.
    public static String selector(JsonNode selector) {
        var all = new ArrayList<String>();
        selector.path("matchLabels").properties().stream()
                .map(e -> e.getKey() + "=" + e.getValue().asText())
                .sorted()
                .forEach(all::add);
        for (JsonNode e : selector.path("matchExpressions")) {
            String key = e.path("key").asText();
            String values = Fields.texts(e.path("values")).stream().sorted().collect(Collectors.joining(","));
            all.add(
                    switch (e.path("operator").asText()) {
                        case "In" -> key + " in (" + values + ")";
                        case "NotIn" -> key + " notin (" + values + ")";
                        case "Exists" -> key;
                        default -> "!" + key;
                    });
        }
        return all.isEmpty() ? NONE : String.join(",", all);
    }

    public static String orElse(String text, String otherwise) {
        return text.isEmpty() ? otherwise : text;
    }

    /// `RWO,ROX,RWX,RWOP`, in this order.
    public static String accessModes(JsonNode modes) {
        var given = Fields.texts(modes);
        var all = new ArrayList<String>();
        if (given.contains("ReadWriteOnce")) {
            all.add("RWO");
        }
        if (given.contains("ReadOnlyMany")) {
            all.add("ROX");
        }
        if (given.contains("ReadWriteMany")) {
            all.add("RWX");
        }
        if (given.contains("ReadWriteOncePod")) {
            all.add("RWOP");
        }
        return String.join(",", all);
    }
}
