package io.insula.tenantapi.wire;

import static java.util.Map.entry;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import io.insula.tenantapi.api.GroupVersionKind;
import io.kubernetes.client.proto.Meta;
import io.kubernetes.client.proto.Runtime;
import io.kubernetes.client.proto.V1;
import io.kubernetes.client.proto.V1Admission;
import io.kubernetes.client.proto.V1Admissionregistration;
import io.kubernetes.client.proto.V1Apiextensions;
import io.kubernetes.client.proto.V1Apps;
import io.kubernetes.client.proto.V1Authentication;
import io.kubernetes.client.proto.V1Authorization;
import io.kubernetes.client.proto.V1Autoscaling;
import io.kubernetes.client.proto.V1Batch;
import io.kubernetes.client.proto.V1Certificates;
import io.kubernetes.client.proto.V1Coordination;
import io.kubernetes.client.proto.V1Discovery;
import io.kubernetes.client.proto.V1Events;
import io.kubernetes.client.proto.V1Flowcontrol;
import io.kubernetes.client.proto.V1Networking;
import io.kubernetes.client.proto.V1Node;
import io.kubernetes.client.proto.V1Policy;
import io.kubernetes.client.proto.V1Rbac;
import io.kubernetes.client.proto.V1Resource;
import io.kubernetes.client.proto.V1Scheduling;
import io.kubernetes.client.proto.V1Storage;
import io.kubernetes.client.proto.V2Apidiscovery;
import io.kubernetes.client.proto.V2Autoscaling;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/// Upstream's protobuf messages by kind, with the facts that descriptors alone do not tell. Immutable.
///
/// Source of the facts: the Go types of kubernetes/api, apimachinery and apiextensions-apiserver.
final class ProtoTypes {

    static final Descriptor UNKNOWN = Runtime.Unknown.getDescriptor();
    static final Descriptor WATCH_EVENT = Meta.WatchEvent.getDescriptor();

    private static final List<FileDescriptor> FILES = List.of(
            V1.getDescriptor(),
            V1Admission.getDescriptor(),
            V1Admissionregistration.getDescriptor(),
            V1Apiextensions.getDescriptor(),
            V1Apps.getDescriptor(),
            V1Authentication.getDescriptor(),
            V1Authorization.getDescriptor(),
            V1Autoscaling.getDescriptor(),
            V1Batch.getDescriptor(),
            V1Certificates.getDescriptor(),
            V1Coordination.getDescriptor(),
            V1Discovery.getDescriptor(),
            V1Events.getDescriptor(),
            V1Flowcontrol.getDescriptor(),
            V1Networking.getDescriptor(),
            V1Node.getDescriptor(),
            V1Policy.getDescriptor(),
            V1Rbac.getDescriptor(),
            V1Resource.getDescriptor(),
            V1Scheduling.getDescriptor(),
            V1Storage.getDescriptor(),
            V2Apidiscovery.getDescriptor(),
            V2Autoscaling.getDescriptor(),
            ApiRegistrationMessages.FILE);

    /// Packages whose group is not their own name followed by `.k8s.io`.
    private static final Map<String, String> GROUPS = Map.ofEntries(
            entry("core", ""),
            entry("apps", "apps"),
            entry("autoscaling", "autoscaling"),
            entry("batch", "batch"),
            entry("policy", "policy"),
            entry("flowcontrol", "flowcontrol.apiserver.k8s.io"),
            entry("rbac", "rbac.authorization.k8s.io"));

    /// Structs that Go embeds: their fields stand in the parent's JSON.
    private static final Set<String> INLINED = Set.of(
            "volumeSource",
            "persistentVolumeSource",
            "handler",
            "ephemeralContainerCommon",
            "localObjectReference",
            "ingressRuleValue",
            "rule",
            "ruleWithOperations",
            "deviceConfiguration");

    /// Of those names, the messages in which they really are embedded.
    private static final Map<String, Set<String>> INLINED_IN = Map.of(
            "localObjectReference",
            Set.of(
                    "ConfigMapEnvSource",
                    "ConfigMapKeySelector",
                    "ConfigMapProjection",
                    "ConfigMapVolumeSource",
                    "SecretEnvSource",
                    "SecretKeySelector",
                    "SecretProjection"),
            "rule",
            Set.of("RuleWithOperations"),
            "handler",
            Set.of("Probe"));

    /// Names that differ between the message and its JSON.
    private static final Map<String, String> RENAMED = Map.ofEntries(
            entry("MutatingWebhookConfiguration.Webhooks", "webhooks"),
            entry("ValidatingWebhookConfiguration.Webhooks", "webhooks"),
            entry("Validation.Expression", "expression"),
            entry("Variable.Name", "name"),
            entry("Variable.Expression", "expression"),
            entry("BoundObjectReference.uID", "uid"),
            entry("IngressClassParametersReference.aPIGroup", "apiGroup"),
            entry("JSONSchemaProps.schema", "$schema"),
            entry("JSONSchemaProps.ref", "$ref"),
            entry("JSONSchemaProps.xKubernetesPreserveUnknownFields", "x-kubernetes-preserve-unknown-fields"),
            entry("JSONSchemaProps.xKubernetesEmbeddedResource", "x-kubernetes-embedded-resource"),
            entry("JSONSchemaProps.xKubernetesIntOrString", "x-kubernetes-int-or-string"),
            entry("JSONSchemaProps.xKubernetesListMapKeys", "x-kubernetes-list-map-keys"),
            entry("JSONSchemaProps.xKubernetesListType", "x-kubernetes-list-type"),
            entry("JSONSchemaProps.xKubernetesMapType", "x-kubernetes-map-type"),
            entry("JSONSchemaProps.xKubernetesValidations", "x-kubernetes-validations"));

    private final Map<GroupVersionKind, Descriptor> byKind;
    private final Map<String, Set<String>> keptZeros;

    private ProtoTypes(Map<GroupVersionKind, Descriptor> byKind, Map<String, Set<String>> keptZeros) {
        this.byKind = Map.copyOf(byKind);
        this.keptZeros = Map.copyOf(keptZeros);
    }

    static ProtoTypes load() {
        var byKind = new HashMap<GroupVersionKind, Descriptor>();
        for (FileDescriptor file : FILES) {
            String[] path = file.getPackage().split("\\.", -1);
            String name = path[path.length - 2];
            String group = GROUPS.getOrDefault(name, name + ".k8s.io");
            for (Descriptor message : file.getMessageTypes()) {
                byKind.put(new GroupVersionKind(group, path[path.length - 1], message.getName()), message);
            }
        }
        return new ProtoTypes(byKind, readKeptZeros());
    }

    /// All that have a message of their own, also those that are only parts of others.
    Set<GroupVersionKind> kinds() {
        return byKind.keySet();
    }

    /// The message of a kind; messages of meta/v1 (DeleteOptions, Status …) belong to every group and version.
    Optional<Descriptor> message(GroupVersionKind kind) {
        Descriptor own = byKind.get(kind);
        return Optional.ofNullable(own != null ? own : Meta.getDescriptor().findMessageTypeByName(kind.kind()));
    }

    /// The name of a field in JSON.
    String jsonName(FieldDescriptor field) {
        String key = field.getContainingType().getName() + "." + field.getName();
        return RENAMED.getOrDefault(key, field.getName());
    }

    /// Whether the field's own fields stand directly in the parent's JSON.
    boolean isInlined(FieldDescriptor field) {
        if (!INLINED.contains(field.getName())) {
            return false;
        }
        Set<String> where = INLINED_IN.get(field.getName());
        return where == null || where.contains(field.getContainingType().getName());
    }

    /// Whether a zero of this scalar means "set to zero" rather than "unset".
    boolean keepsZero(FieldDescriptor field) {
        return keptZeros
                .getOrDefault(field.getContainingType().getFullName(), Set.of())
                .contains(jsonName(field));
    }

    /// The scalar fields of a message that are left out of JSON when they are zero, by their names there, those of
    /// embedded structs too. Bytes are not told: an empty text may be a value of theirs.
    private Set<String> omittedZeros(Descriptor message) {
        var names = new HashSet<String>();
        for (FieldDescriptor field : message.getFields()) {
            if (field.isRepeated()) {
                continue;
            }
            switch (field.getJavaType()) {
                case MESSAGE -> {
                    if (isInlined(field)) {
                        names.addAll(omittedZeros(field.getMessageType()));
                    }
                }
                case BYTE_STRING, ENUM -> {}
                case INT, LONG, FLOAT, DOUBLE, BOOLEAN, STRING -> {
                    if (!keepsZero(field)) {
                        names.add(jsonName(field));
                    }
                }
            }
        }
        return names;
    }

    /// The same of all messages, by the names of their definitions in OpenAPI.
    Map<String, Set<String>> omittedZeros() {
        var all = new HashMap<String, Set<String>>();
        for (FileDescriptor file : FILES) {
            file.getMessageTypes().forEach(message -> addOmittedZeros(message, all));
        }
        Meta.getDescriptor().getMessageTypes().forEach(message -> addOmittedZeros(message, all));
        return all;
    }

    private void addOmittedZeros(Descriptor message, Map<String, Set<String>> all) {
        Set<String> names = omittedZeros(message);
        if (!names.isEmpty()) {
            all.put(definitionName(message), Set.copyOf(names));
        }
    }

    /// `k8s.io.kube_aggregator.pkg…` is `io.k8s.kube-aggregator.pkg…` there.
    private static String definitionName(Descriptor message) {
        String[] parts = message.getFullName().split("\\.", 4);
        return parts[1] + "." + parts[0] + "." + parts[2].replace('_', '-') + "." + parts[3];
    }

    private static Map<String, Set<String>> readKeptZeros() {
        var map = new HashMap<String, Set<String>>();
        try (var in = Objects.requireNonNull(ProtoTypes.class.getResourceAsStream("kept-zero-fields.txt"));
                var reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            reader.lines().filter(line -> !line.startsWith("#")).forEach(line -> {
                List<String> words = List.of(line.split(" ", -1));
                map.put(words.getFirst(), new HashSet<>(words.subList(1, words.size())));
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return map;
    }
}
