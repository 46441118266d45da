package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.DownwardAPIVolumeFile;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.EphemeralContainer;
import io.fabric8.kubernetes.api.model.Pod;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.engine.NameMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Keeps what a pod is told about itself true: the tenant's name, namespace, uid, labels and annotations, not the host
/// object's. Fields that only the node knows (addresses, node name) stay as they are.
///
/// Source: Kubernetes documentation, "Downward API", "Available fields".
final class DownwardFields {

    static final String LABELS = "insula.io/labels";
    static final String ANNOTATIONS = "insula.io/annotations";

    private static final Pattern KEYED = Pattern.compile("metadata\\.(labels|annotations)\\['(.+)']");

    private DownwardFields() {}

    /// An environment variable with its value, if it asks for something that differs on the host, or with the
    /// host's field where that may change.
    ///
    /// @param own name of the container that has it
    static EnvVar variable(EnvVar variable, String own, Pod tenant) {
        if (variable.getValueFrom() == null) {
            return variable;
        }
        if (variable.getValueFrom().getResourceFieldRef() != null) {
            return OwnRequests.value(variable.getValueFrom().getResourceFieldRef(), own, tenant)
                    .map(value -> new EnvVarBuilder(variable)
                            .withValueFrom(null)
                            .withValue(value)
                            .build())
                    .orElse(variable);
        }
        if (variable.getValueFrom().getFieldRef() == null) {
            return variable;
        }
        String path = variable.getValueFrom().getFieldRef().getFieldPath();
        if (KEYED.matcher(path).matches()) {
            // which may still change: it is read when a container starts
            return new EnvVarBuilder(variable)
                    .editValueFrom()
                    .editFieldRef()
                    .withFieldPath(path(path))
                    .endFieldRef()
                    .endValueFrom()
                    .build();
        }
        return value(path, tenant)
                .map(value -> new EnvVarBuilder(variable)
                        .withValueFrom(null)
                        // the kubelet expands a value, but not what a field says
                        .withValue(value.replace("$", "$$"))
                        .build())
                .orElse(variable);
    }

    /// The field of the host object that has what `path` has in the tenant.
    static String path(String path) {
        var keyed = KEYED.matcher(path);
        if (keyed.matches()) {
            return "metadata." + keyed.group(1) + "['" + NameMap.hostLabel(keyed.group(2)) + "']";
        }
        return switch (path) {
            case "metadata.name" -> annotation(InsulaLabels.NAME);
            case "metadata.namespace" -> annotation(InsulaLabels.NAMESPACE);
            case "metadata.uid" -> annotation(InsulaLabels.UID);
            case "metadata.labels" -> annotation(LABELS);
            case "metadata.annotations" -> annotation(ANNOTATIONS);
            default -> path;
        };
    }

    /// What the host pod's annotations have to hold so that its volumes and variables can show it: those of the
    /// tenant's annotations that one names, and all labels or annotations where one shows them all.
    static Map<String, String> mounted(Pod tenant) {
        var meta = tenant.getMetadata();
        var annotations = meta.getAnnotations() == null ? Map.<String, String>of() : meta.getAnnotations();
        var mounted = new LinkedHashMap<String, String>();
        paths(tenant).forEach(path -> {
            var keyed = KEYED.matcher(path);
            if (keyed.matches() && keyed.group(1).equals("annotations") && annotations.containsKey(keyed.group(2))) {
                mounted.put(NameMap.hostLabel(keyed.group(2)), annotations.get(keyed.group(2)));
            } else if (path.equals("metadata.labels")) {
                mounted.put(LABELS, lines(meta.getLabels()));
            } else if (path.equals("metadata.annotations")) {
                mounted.put(ANNOTATIONS, lines(annotations));
            }
        });
        mounted.putAll(OwnRequests.mounted(tenant));
        return mounted;
    }

    private static Stream<String> paths(Pod tenant) {
        Stream<EnvVar> variables = Stream.of(
                        tenant.getSpec().getInitContainers().stream().map(Container::getEnv),
                        tenant.getSpec().getContainers().stream().map(Container::getEnv),
                        tenant.getSpec().getEphemeralContainers().stream().map(EphemeralContainer::getEnv))
                .flatMap(env -> env.flatMap(List::stream));
        return Stream.concat(
                        items(tenant).flatMap(item -> Stream.ofNullable(item.getFieldRef())),
                        variables
                                .flatMap(variable -> Stream.ofNullable(variable.getValueFrom()))
                                .flatMap(from -> Stream.ofNullable(from.getFieldRef())))
                .flatMap(field -> Stream.ofNullable(field.getFieldPath()));
    }

    /// What the pod's volumes show of it.
    static Stream<DownwardAPIVolumeFile> items(Pod tenant) {
        return tenant.getSpec().getVolumes().stream()
                .flatMap(volume -> Stream.concat(
                        Stream.ofNullable(volume.getDownwardAPI()).flatMap(source -> source.getItems().stream()),
                        Stream.ofNullable(volume.getProjected())
                                .flatMap(source -> source.getSources().stream())
                                .filter(source -> source.getDownwardAPI() != null)
                                .flatMap(source -> source.getDownwardAPI().getItems().stream())));
    }

    /// One `key="value"` per line, sorted, as the kubelet writes label files.
    static String lines(@Nullable Map<String, String> marks) {
        return marks == null
                ? ""
                : new TreeMap<>(marks)
                        .entrySet().stream()
                                .map(mark -> mark.getKey() + "=\""
                                        + mark.getValue()
                                                .replace("\\", "\\\\")
                                                .replace("\"", "\\\"")
                                                .replace("\n", "\\n")
                                        + "\"")
                                .collect(Collectors.joining("\n"));
    }

    private static Optional<String> value(String path, Pod tenant) {
        var meta = tenant.getMetadata();
        return switch (path) {
            case "metadata.name" -> Optional.of(meta.getName());
            case "metadata.namespace" -> Optional.of(Kinds.namespace(tenant));
            case "metadata.uid" -> Optional.of(Objects.requireNonNullElse(meta.getUid(), ""));
            case "spec.serviceAccountName" ->
                Optional.of(Objects.requireNonNullElse(tenant.getSpec().getServiceAccountName(), "default"));
            default -> Optional.empty();
        };
    }

    private static String annotation(String key) {
        return "metadata.annotations['" + key + "']";
    }
}
