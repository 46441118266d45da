package io.insula.syncer.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.insula.isolation.Sandbox;
import io.insula.syncer.engine.Change;
import io.insula.syncer.engine.SyncEvent.TenantOnly;
import io.insula.syncer.engine.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Walks the schema of a pod and writes a name into every field that can hold one. `pod-references.txt` records what
/// becomes of it on the host: a field of a newer schema fails this test until somebody has decided about it.
class PodReferencesTest {

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final Path TABLE = Path.of("src/test/resources/pod-references.txt");
    private static final String NAME = "victim-xyzzy";
    private static final FixedView VIEW = FixedView.of("runc").withTenant(claim());

    /// Fields whose name says that they name something, and that may be passed as written.
    private static final Pattern NAMES_SOMETHING = Pattern.compile(
            "(?:.*\\.)?(?:name|names|namespaces|reference|[a-zA-Z]*(?:Name|Names|Ref|Reference|Class|Driver|driver))");

    private static final Map<String, String> OF_THE_POD_ITSELF = Map.ofEntries(
            Map.entry("containers.name", "a container of this pod"),
            Map.entry("containers.env.name", "a variable"),
            Map.entry("containers.env.valueFrom.fileKeyRef.volumeName", "a volume of this pod"),
            Map.entry("containers.env.valueFrom.resourceFieldRef.containerName", "a container of this pod"),
            Map.entry("containers.ports.name", "a port of this container"),
            Map.entry("containers.volumeMounts.name", "a volume of this pod"),
            Map.entry("containers.volumeDevices.name", "a volume of this pod"),
            Map.entry("containers.resizePolicy.resourceName", "cpu or memory"),
            Map.entry("containers.lifecycle.postStart.httpGet.httpHeaders.name", "a header"),
            Map.entry("containers.lifecycle.preStop.httpGet.httpHeaders.name", "a header"),
            Map.entry("containers.livenessProbe.httpGet.httpHeaders.name", "a header"),
            Map.entry("containers.readinessProbe.httpGet.httpHeaders.name", "a header"),
            Map.entry("containers.startupProbe.httpGet.httpHeaders.name", "a header"),
            Map.entry("containers.securityContext.windowsOptions.runAsUserName", "a user of the image"),
            Map.entry("securityContext.windowsOptions.runAsUserName", "a user of the image"),
            Map.entry("dnsConfig.options.name", "an option of the resolver"),
            Map.entry("os.name", "linux or windows"),
            Map.entry("volumes.name", "a volume of this pod"),
            Map.entry("volumes.image.reference", "an image"),
            Map.entry("volumes.downwardAPI.items.resourceFieldRef.containerName", "a container of this pod"),
            Map.entry(
                    "volumes.projected.sources.downwardAPI.items.resourceFieldRef.containerName",
                    "a container of this pod"));

    private final PodSyncer syncer = new PodSyncer(Beans.profiles());

    @Test
    void everyNameInAPodIsRewrittenOrRefusedOrThePodsOwn() throws IOException {
        var outcomes = new LinkedHashMap<String, String>();
        for (var path : paths()) {
            outcomes.put(path, outcome(path));
        }
        var table = outcomes.entrySet().stream()
                .map(each -> each.getKey() + " " + each.getValue() + "\n")
                .collect(Collectors.joining());
        if (System.getProperty("update.golden") != null) {
            Files.writeString(TABLE, table);
        }

        assertThat(outcomes.entrySet().stream()
                        .filter(each -> each.getValue().equals("passed"))
                        .map(Map.Entry::getKey)
                        .filter(path -> NAMES_SOMETHING.matcher(path).matches())
                        .map(path -> path.replaceFirst("^initContainers\\.", "containers."))
                        .distinct()
                        .filter(path -> !OF_THE_POD_ITSELF.containsKey(path)))
                .as("names that reach the host as the tenant wrote them")
                .isEmpty();
        assertThat(table).isEqualTo(Files.readString(TABLE));
    }

    @Test
    void initContainersAreTreatedAsContainers() {
        for (var path : paths()) {
            if (path.startsWith("containers.")) {
                assertThat(outcome("init" + Character.toUpperCase(path.charAt(0)) + path.substring(1)))
                        .as(path)
                        .isEqualTo(outcome(path));
            }
        }
    }

    /// What the host pod mounts has to be on the host too, and nothing else of the tenant's is.
    @Test
    void whatIsRenamedIsWhatIsCopied() {
        var named = Pattern.compile(".*(?:KeyRef|Ref|configMap|secret|imagePullSecrets|persistentVolumeClaim)"
                + "\\.(?:name|secretName|claimName)|imagePullSecrets\\.name");
        for (var path : paths()) {
            var pod = MAPPER.convertValue(pod(path), Pod.class);
            var copied = syncer.references(pod, VIEW).stream()
                    .anyMatch(reference -> reference.name().equals(NAME));
            if (!outcome(path).equals("refused")) {
                assertThat(copied)
                        .as(path)
                        .isEqualTo(outcome(path).equals("renamed")
                                && named.matcher(path).matches());
            }
        }
    }

    @Test
    void ephemeralContainersNameWhatContainersName() {
        for (var path : paths()) {
            if (path.startsWith("containers.") && outcome(path).equals("renamed")) {
                var tree = base();
                var added = (ObjectNode) pod(path).at("/spec/containers/0");
                tree.withObject("/spec").putArray("ephemeralContainers").add(added);
                assertThat(syncer.references(MAPPER.convertValue(tree, Pod.class), VIEW))
                        .as(path)
                        .anyMatch(reference -> reference.name().equals(NAME));
            }
        }
    }

    /// One source that may be there must not hide another that may not.
    @Test
    void aVolumeHasOneSource() {
        for (var path : paths()) {
            if (path.startsWith("volumes.")
                    && !path.equals("volumes.name")
                    && outcome(path).equals("refused")) {
                var tree = pod(path);
                tree.withObject("/spec/volumes/0").putObject("emptyDir");
                assertThat(onHost(tree)).as(path).isEmpty();
            }
            if (path.startsWith("volumes.projected.sources.") && outcome(path).equals("refused")) {
                var tree = pod(path);
                tree.withObject("/spec/volumes/0/projected/sources/0/configMap").put("name", "own");
                assertThat(onHost(tree)).as(path + " beside a ConfigMap").isEmpty();
            }
        }
    }

    static Stream<String> sandboxes() {
        return Beans.profiles().sandboxes().stream().map(Sandbox::wireName);
    }

    @ParameterizedTest
    @MethodSource("sandboxes")
    void aFieldThatNobodyKnowsIsRefusedAtEveryDepth(String sandbox) {
        var view = FixedView.of(sandbox);
        for (var path : objects()) {
            var tree = base();
            at(tree.withObject("/spec"), path).put("newInSomeRelease", NAME);
            assertThat(onHost(tree, view)).as(path).isEmpty();
        }
    }

    private String outcome(String path) {
        var host = onHost(pod(path));
        if (host.isEmpty()) {
            return "refused";
        }
        var texts = new ArrayList<String>();
        host.forEach(each -> texts(each, texts));
        if (texts.contains(NAME)) {
            return "passed";
        }
        return texts.stream().anyMatch(text -> text.contains(NAME)) ? "renamed" : "left out";
    }

    private List<JsonNode> onHost(ObjectNode tree) {
        return onHost(tree, VIEW);
    }

    private List<JsonNode> onHost(ObjectNode tree, FixedView view) {
        var pod = MAPPER.convertValue(tree, Pod.class);
        return syncer.decide(new TenantOnly<>(pod), view).stream()
                .flatMap(
                        change -> change instanceof Change.CreateOnHost apply ? Stream.of(apply.wanted()) : Stream.of())
                .map(Trees::of)
                .toList();
    }

    private static void texts(JsonNode node, List<String> found) {
        if (node.isTextual()) {
            found.add(node.asText());
        }
        node.properties().forEach(field -> found.add(field.getKey()));
        node.forEach(child -> texts(child, found));
    }

    /// What the tenant's controller makes of an ephemeral volume called `own`.
    private static PersistentVolumeClaim claim() {
        return new PersistentVolumeClaimBuilder()
                .withNewMetadata()
                .withName("web-own")
                .withNamespace("shop")
                .addNewOwnerReference()
                .withKind("Pod")
                .withName("web")
                .withUid("u1")
                .withController(true)
                .endOwnerReference()
                .endMetadata()
                .build();
    }

    private static ObjectNode base() {
        var tree = Trees.object();
        tree.putObject("metadata").put("name", "web").put("namespace", "shop").put("uid", "u1");
        tree.putObject("spec")
                .putArray("containers")
                .addObject()
                .put("name", "c")
                .put("image", "i");
        return tree;
    }

    /// A pod with the name in one field.
    private static ObjectNode pod(String path) {
        var tree = base();
        int dot = path.lastIndexOf('.');
        var holder = at(tree.withObject("/spec"), dot < 0 ? "" : path.substring(0, dot));
        var field = path.substring(dot + 1);
        if (field.endsWith("{}")) {
            holder.putObject(field.substring(0, field.length() - 2)).put("key", NAME);
        } else if (field.endsWith("[]")) {
            holder.putArray(field.substring(0, field.length() - 2)).add(NAME);
        } else {
            holder.put(field, NAME);
        }
        return tree;
    }

    /// The object at a path of the schema; lists get one element, which is named where elements have names.
    private static ObjectNode at(ObjectNode spec, String path) {
        var node = spec;
        JavaType type = MAPPER.constructType(PodSpec.class);
        for (var field : path.isEmpty() ? new String[0] : path.split("\\.")) {
            type = property(type, field);
            if (type.isTypeOrSubTypeOf(Collection.class)) {
                type = type.getContentType();
                ArrayNode list = node.withArray("/" + field);
                node = list.isEmpty() ? list.addObject() : (ObjectNode) list.get(0);
                if (field.equals("matchExpressions") && !node.has("key")) {
                    node.put("key", "own").put("operator", "In");
                }
                if (List.of("volumes", "initContainers", "ephemeralContainers", "env", "resourceClaims", "sysctls")
                                .contains(field)
                        && !node.has("name")) {
                    node.put("name", "own");
                }
            } else {
                node = node.withObject("/" + field);
                if (field.equals("fieldRef")) {
                    node.put("fieldPath", "metadata.name");
                }
            }
        }
        return node;
    }

    private static JavaType property(JavaType type, String name) {
        return properties(type).entrySet().stream()
                .filter(each -> each.getKey().equals(name))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(type + " has no " + name));
    }

    /// Every field that holds text, by its path without indexes. Ephemeral containers cannot be in a new pod.
    private static List<String> paths() {
        var found = new ArrayList<String>();
        walk(MAPPER.constructType(PodSpec.class), "", found, new ArrayList<>());
        return found;
    }

    private static List<String> objects() {
        var found = new ArrayList<String>();
        walk(MAPPER.constructType(PodSpec.class), "", new ArrayList<>(), found);
        return found;
    }

    private static void walk(JavaType type, String prefix, List<String> texts, List<String> objects) {
        if (!prefix.isEmpty()) {
            objects.add(prefix.substring(0, prefix.length() - 1));
        }
        properties(type).forEach((name, property) -> {
            if (prefix.isEmpty() && name.equals("ephemeralContainers")) {
                return;
            }
            boolean list = property.isTypeOrSubTypeOf(Collection.class);
            var each = list ? property.getContentType() : property;
            if (each.isTypeOrSubTypeOf(Map.class)) {
                if (each.getContentType().hasRawClass(String.class)) {
                    texts.add(prefix + name + "{}");
                }
            } else if (each.hasRawClass(String.class)) {
                texts.add(prefix + name + (list ? "[]" : ""));
            } else if (isObject(each)) {
                walk(each, prefix + name + ".", texts, objects);
            }
        });
    }

    private static boolean isObject(JavaType type) {
        return type.getRawClass().getPackageName().equals(PodSpec.class.getPackageName())
                && !type.hasRawClass(Quantity.class)
                && !type.hasRawClass(IntOrString.class);
    }

    private static Map<String, JavaType> properties(JavaType type) {
        var found = new LinkedHashMap<String, JavaType>();
        MAPPER.getSerializationConfig().introspect(type).findProperties().stream()
                .filter(property -> !property.getName().equals("additionalProperties") && property.getGetter() != null)
                .forEach(property ->
                        found.put(property.getName(), property.getGetter().getType()));
        return found;
    }
}
