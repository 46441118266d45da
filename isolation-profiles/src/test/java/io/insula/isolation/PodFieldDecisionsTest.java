package io.insula.isolation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.AnyType;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.insula.isolation.HostWorkload.Unsupported;
import io.insula.isolation.PodFieldDecisions.Decision;
import io.insula.isolation.PodFieldDecisions.Row;
import java.io.IOException;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Somebody has decided about every field that a pod can have.
class PodFieldDecisionsTest {

    private static final Path DOCS = Path.of("POD-FIELDS.md");
    private static final String MODEL = PodSpec.class.getPackageName() + ".";

    private final PodFieldDecisions table = PodFieldDecisions.builtIn();

    /// Upstream's schema, and the Java model where that is of a newer release. Both ways: nothing is missing, and
    /// nothing in the table is stale.
    @Test
    void decidesAboutEveryFieldOfUpstreamsSchemaAndOfNoOther() throws IOException {
        var definitions = new ObjectMapper()
                .readTree(Objects.requireNonNull(
                        getClass().getClassLoader().getResourceAsStream("openshift-generated.json")))
                .path("definitions");
        var byName = new TreeMap<String, JsonNode>();
        definitions.properties().forEach(each -> {
            var key = each.getKey();
            if (key.startsWith("io.k8s.api.core.v1.") || key.startsWith("io.k8s.apimachinery.pkg.apis.meta.v1.")) {
                byName.put(key.substring(key.lastIndexOf('.') + 1), each.getValue());
            }
        });
        for (var rows : byType().entrySet()) {
            var type = rows.getKey();
            var decided = rows.getValue();
            var fields = new TreeMap<>(modelFields(type));
            for (var property : byName.getOrDefault(type, new ObjectMapper().createObjectNode())
                    .path("properties")
                    .properties()) {
                fields.put(property.getKey(), childOf(property.getValue()));
            }
            assertThat(decided.keySet()).as(type).isEqualTo(fields.keySet());
            decided.forEach((field, row) -> {
                var child = fields.getOrDefault(field, "");
                boolean refused = row.decisions().values().stream().allMatch(each -> each == Decision.REFUSED);
                boolean hasFields = byName.containsKey(child)
                        && !byName.get(child).path("properties").isEmpty();
                if (!refused && hasFields && !field.equals("resourceClaims")) {
                    assertThat(row.child()).as("%s.%s", type, field).isEqualTo(child);
                }
                if (!row.child().isEmpty()) {
                    assertThat(byType()).as("%s.%s", type, field).containsKey(row.child());
                }
            });
        }
    }

    @Test
    void saysWhyWhereAFieldIsNotPassed() {
        for (var row : table.rows()) {
            boolean plain = row.decisions().values().stream()
                    .allMatch(each -> each == Decision.PASSED || each == Decision.GUEST || each == Decision.REFUSED);
            assertThat(!row.reason().isEmpty() || plain)
                    .as("%s.%s", row.type(), row.field())
                    .isTrue();
            boolean everywhere = row.decisions().values().stream().allMatch(each -> each == Decision.REFUSED);
            assertThat(everywhere && row.reason().isEmpty())
                    .as("%s.%s", row.type(), row.field())
                    .isFalse();
        }
    }

    @ParameterizedTest
    @MethodSource("io.insula.isolation.Beans#sandboxes")
    void refusesWhatNobodyDecidedAboutWhereverItStands(Sandbox sandbox) {
        for (var place : List.of(
                "spec: {containers: [{name: c, image: i}], madeUp: 1}",
                "spec: {containers: [{name: c, image: i, madeUp: 1}]}",
                "spec: {containers: [{name: c, image: i, env: [{name: a, valueFrom: {madeUp: {a: b}}}]}]}",
                "spec: {containers: [{name: c, image: i, readinessProbe: {tcpSocket: {port: 1}, madeUp: 1}}]}",
                "spec: {containers: [{name: c, image: i, securityContext: {seccompProfile:"
                        + " {type: RuntimeDefault, madeUp: 1}}}]}",
                "spec: {containers: [{name: c, image: i, resources: {madeUp: 1}}]}",
                "spec: {containers: [{name: c, image: i}], securityContext: {madeUp: 1}}",
                "spec: {containers: [{name: c, image: i}], volumes: [{name: v, madeUp: {a: b}}]}",
                "spec: {containers: [{name: c, image: i}], volumes: [{name: v, configMap: {name: a, madeUp: 1}}]}",
                "spec: {containers: [{name: c, image: i}], tolerations:"
                        + " [{key: node.kubernetes.io/not-ready, operator: Exists, effect: NoExecute, madeUp: 1}]}",
                "spec: {containers: [{name: c, image: i}], affinity: {nodeAffinity: {madeUp: 1}}}")) {
            var pod = Yaml.pod("metadata: {name: a, namespace: b}\n" + place);

            assertThat(Beans.profiles()
                            .translate(pod, TenantProfiles.only(ProfileSettings.of("p", sandbox)))
                            .workload())
                    .as(place)
                    .isInstanceOf(Unsupported.class);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            containers: [{name: c, image: i, lifecycle: {stopSignal: SIGUSR1}}]  | spec.containers[0].lifecycle.stopSignal
            containers: [{name: c, image: i}], hostnameOverride: x               | spec.hostnameOverride
            containers: [{name: c, image: i}], workloadRef: {name: a}            | spec.workloadRef
            containers: [{name: c, image: i, resources: {claims: [{name: a}]}}]  | spec.containers[0].resources.claims
            """)
    void refusesByTheFieldWhatTheTableRefuses(String spec, String field) {
        var pod = Yaml.pod("metadata: {name: a, namespace: b}\nspec: {" + spec + "}");

        for (var sandbox : Beans.sandboxes()) {
            assertThat(Beans.profiles()
                            .translate(pod, TenantProfiles.only(ProfileSettings.of("p", sandbox)))
                            .workload())
                    .isInstanceOfSatisfying(
                            Unsupported.class,
                            refused -> assertThat(field)
                                    .as("the field, or what holds it")
                                    .startsWith(refused.field()));
        }
    }

    /// `-Dupdate.golden` writes it.
    @Test
    void isWhatTheDocumentationShows() throws IOException {
        var text = render();
        if (System.getProperty("update.golden") != null) {
            Files.writeString(DOCS, text);
        }
        assertThat(Files.readString(DOCS)).isEqualTo(text);
    }

    private String render() {
        var text = new StringBuilder("""
                # What becomes of every field of a pod

                Generated from `pod-fields.tsv` and the sandboxes by `PodFieldDecisionsTest`; a field that is not in here is refused.
                *passed*: on the host as written · *rewritten*: in another form · *checked*: passed, or refused for its
                value · *guest*: in the boot data of a machine's guest · *ignored*: no effect on the host · *refused*: no
                pod may have it. "The syncer" does so before or after the profile.
                """);
        var type = "";
        for (var row : table.rows()) {
            if (!row.type().equals(type)) {
                type = row.type();
                text.append("\n## ").append(type).append("\n\n| field |");
                for (var sandbox : Beans.sandboxes()) {
                    text.append(' ').append(sandbox.wireName()).append(" |");
                }
                text.append(" why |\n|---|");
                text.append("---|".repeat(Beans.sandboxes().size())).append("---|\n");
            }
            text.append("| `").append(row.field()).append("` | ");
            text.append(Beans.sandboxes().stream()
                    .map(sandbox -> row.in(sandbox).word())
                    .collect(Collectors.joining(" | ")));
            text.append(" | ").append(reasons(row)).append(" |\n");
        }
        return text.toString();
    }

    private static String reasons(Row row) {
        return Stream.concat(
                        Stream.of(row.reason()),
                        Beans.sandboxes().stream()
                                .map(sandbox -> sandbox.refusal(row.type(), row.field()))
                                .filter(Objects::nonNull))
                .filter(reason -> !reason.isEmpty())
                .collect(Collectors.joining("; "));
    }

    private Map<String, Map<String, Row>> byType() {
        var types = new LinkedHashMap<String, Map<String, Row>>();
        table.rows()
                .forEach(row ->
                        types.computeIfAbsent(row.type(), _ -> new TreeMap<>()).put(row.field(), row));
        return types;
    }

    private static String childOf(JsonNode property) {
        for (var at : List.of(
                property.path("$ref"),
                property.path("items").path("$ref"),
                property.path("additionalProperties").path("$ref"))) {
            if (at.isTextual()) {
                return at.asText().substring(at.asText().lastIndexOf('.') + 1);
            }
        }
        return "";
    }

    /// The fields of the model's class of this name, to their types' names.
    private static Map<String, String> modelFields(String type) {
        try {
            var fields = new TreeMap<String, String>();
            Arrays.stream(Class.forName(MODEL + type).getDeclaredFields())
                    .filter(field -> !Modifier.isStatic(field.getModifiers()))
                    .filter(field -> !field.getName().equals("additionalProperties"))
                    .forEach(field -> fields.put(field.getName(), childOf(field.getGenericType())));
            return fields;
        } catch (ClassNotFoundException e) {
            throw new AssertionError("the model has no " + type, e);
        }
    }

    private static String childOf(Type type) {
        return switch (type) {
            case ParameterizedType many ->
                childOf(many.getActualTypeArguments()[many.getActualTypeArguments().length - 1]);
            case Class<?> one
            when one.getName().startsWith(MODEL) && !AnyType.class.isAssignableFrom(one) -> one.getSimpleName();
            default -> "";
        };
    }
}
