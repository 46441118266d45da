package io.insula.isolation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.Pod;
import io.insula.isolation.Sandbox.Form;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/// What becomes of every field of a pod's spec where its workload is a pod, and where it is a machine, as
/// `pod-fields.tsv` declares it; a sandbox may take less ([Sandbox#missing]). A field that is not in there has been
/// decided by nobody and is refused, so that a newer Kubernetes opens no hole
/// unnoticed.
///
/// The table declares; the rules that check and rewrite are code. A test holds it against upstream's schema, and
/// another renders `POD-FIELDS.md` from it.
///
/// Immutable.
public final class PodFieldDecisions {

    private static final String TABLE = "pod-fields.tsv";
    private static final String NONE = "-";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final PodFieldDecisions BUILT_IN = read();

    /// What becomes of a field.
    enum Decision {
        /// Stands on the host as the tenant wrote it.
        PASSED,
        /// Stands there in another form.
        REWRITTEN,
        /// Stands there, or is refused for its value.
        CHECKED,
        /// Is for the machine's guest, and in its boot data.
        GUEST,
        /// Has no effect on the host.
        IGNORED,
        /// No pod may have it.
        REFUSED;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// @param type its object, as the API description names it
    /// @param child the type of its objects; empty where it has none or they are refused as a whole
    /// @param reason why; may be empty where it is passed
    record Row(String type, String field, String child, Map<Form, Decision> decisions, String reason) {

        /// @param sandbox may refuse what others of its form take
        Decision in(Sandbox sandbox) {
            return sandbox.refusal(type, field) == null
                    ? Objects.requireNonNull(decisions.get(sandbox.form()))
                    : Decision.REFUSED;
        }

        private String why(Sandbox sandbox) {
            return Objects.requireNonNullElse(sandbox.refusal(type, field), reason);
        }
    }

    private final Map<String, Map<String, Row>> byType = new LinkedHashMap<>();

    private PodFieldDecisions(List<String> lines) {
        for (var line : lines) {
            var cells = Arrays.asList(line.split("\t", -1));
            var forms = Form.values();
            if (cells.size() != 4 + forms.length) {
                throw new IllegalStateException(TABLE + ": " + line);
            }
            var decisions = new EnumMap<Form, Decision>(Form.class);
            for (int i = 0; i < forms.length; i++) {
                decisions.put(forms[i], Decision.valueOf(cells.get(3 + i).toUpperCase(Locale.ROOT)));
            }
            var row = new Row(cells.get(0), cells.get(1), orEmpty(cells.get(2)), decisions, orEmpty(cells.getLast()));
            var twice = byType.computeIfAbsent(row.type(), _ -> new LinkedHashMap<>())
                    .putIfAbsent(row.field(), row);
            if (twice != null) {
                throw new IllegalStateException(TABLE + " decides twice: " + line);
            }
        }
    }

    static PodFieldDecisions builtIn() {
        return BUILT_IN;
    }

    /// In the order of the table, which is a walk from `PodSpec` down.
    List<Row> rows() {
        return byType.values().stream().flatMap(rows -> rows.values().stream()).toList();
    }

    /// The first field that nobody decided about, at any depth: a newer API server may store one, and what it
    /// names would reach the host unread. Empty if every field is known.
    public static Optional<FieldViolation> unknown(Pod pod) {
        return BUILT_IN.check("spec", "PodSpec", JSON.valueToTree(PodFields.spec(pod)), _ -> Optional.empty());
    }

    /// The first field that is refused in this sandbox, or that nobody decided about.
    Optional<FieldViolation> check(Pod pod, Sandbox sandbox) {
        return check(
                "spec",
                "PodSpec",
                JSON.valueToTree(PodFields.spec(pod)),
                row -> row.in(sandbox) == Decision.REFUSED ? Optional.of(row.why(sandbox)) : Optional.empty());
    }

    private Optional<FieldViolation> check(
            String path, String type, JsonNode tree, Function<Row, Optional<String>> objection) {
        var rows = byType.getOrDefault(type, Map.of());
        for (var property : tree.properties()) {
            var value = property.getValue();
            if (value.isNull()) {
                continue;
            }
            var here = path + "." + property.getKey();
            var row = rows.get(property.getKey());
            if (row == null) {
                return Optional.of(new FieldViolation(here, "unknown field"));
            }
            if (isUnset(value, row)) {
                continue;
            }
            var why = objection.apply(row);
            if (why.isPresent()) {
                return Optional.of(new FieldViolation(here, why.get()));
            }
            var below = row.child().isEmpty() ? Optional.<FieldViolation>empty() : below(here, row, value, objection);
            if (below.isPresent()) {
                return below;
            }
        }
        return Optional.empty();
    }

    /// Lists and maps are there though nothing was said; an object without fields may say much (`emptyDir: {}`).
    private static boolean isUnset(JsonNode value, Row row) {
        return value.isContainerNode()
                && value.isEmpty()
                && (value.isArray() || row.child().isEmpty());
    }

    private Optional<FieldViolation> below(
            String path, Row row, JsonNode value, Function<Row, Optional<String>> objection) {
        if (!value.isArray()) {
            return check(path, row.child(), value, objection);
        }
        for (int i = 0; i < value.size(); i++) {
            var found = check(path + "[" + i + "]", row.child(), value.get(i), objection);
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private static String orEmpty(String cell) {
        return cell.equals(NONE) ? "" : cell;
    }

    private static PodFieldDecisions read() {
        try (var table = PodFieldDecisions.class.getResourceAsStream(TABLE)) {
            var text = new String(Objects.requireNonNull(table, TABLE).readAllBytes(), StandardCharsets.UTF_8);
            return new PodFieldDecisions(text.lines().toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
