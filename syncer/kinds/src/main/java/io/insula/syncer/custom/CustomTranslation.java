package io.insula.syncer.custom;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.insula.syncer.engine.NameMap;
import io.insula.syncer.engine.Syncer.Reference;
import io.insula.syncer.engine.Trees;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiPredicate;

/// One object of a custom kind by its rule: what of it is on the host, and whom it names. Pure.
///
/// @param isShown whether the tenant sees an object of the host's, by the rule that shows it and its name
record CustomTranslation(CustomKind rule, NameMap names, BiPredicate<CustomKind, String> isShown) {

    private static final String METADATA = "metadata";
    private static final String STATUS = "status";
    private static final String MATCH_LABELS = "matchLabels";
    private static final String MATCH_EXPRESSIONS = "matchExpressions";
    private static final String KEY = "key";
    private static final Set<String> SELECTOR_FIELDS = Set.of(MATCH_LABELS, MATCH_EXPRESSIONS);

    /// What becomes of an object.
    ///
    /// @param host the object as it is to be there; empty where something is in the way
    /// @param refused the field in the way, and why
    record Result(Optional<GenericKubernetesResource> host, String refused) {}

    /// A value that is not what the rule takes it for.
    private static final class Untranslatable extends RuntimeException {
        private static final long serialVersionUID = 1;

        Untranslatable(FieldPath.Found found, String expected) {
            super(found.at() + ": cannot be translated for the shared cluster (expected: " + expected + ")");
        }
    }

    Result translate(HasMetadata tenant) {
        var own = Trees.of(tenant);
        var tree = (ObjectNode) own.deepCopy();
        var namespace = namespace(tenant);
        try {
            rule.refused().forEach(path -> path.in(own, own).forEach(CustomTranslation::refuse));
            rule.names().forEach(each -> names(each, own, tree, namespace));
            rule.labels().forEach(path -> path.in(own, tree).forEach(found -> found.replace(labels(found))));
            rule.selectors()
                    .forEach(path -> path.in(own, tree).forEach(found -> found.replace(selector(found, namespace))));
            rule.matchLabels()
                    .forEach(path ->
                            path.in(own, tree).forEach(found -> found.replace(only(labels(found), namespace))));
        } catch (Untranslatable e) {
            return new Result(Optional.empty(), String.valueOf(e.getMessage()));
        }
        tree.remove(List.of(METADATA, STATUS));
        var host = Trees.as(tree, GenericKubernetesResource.class);
        host.setMetadata(new ObjectMetaBuilder(names.hostMeta(rule.name(), tenant))
                .addToLabels(NameMap.hostLabels(tenant.getMetadata().getLabels()))
                .build());
        return new Result(Optional.of(host), "");
    }

    private static void refuse(FieldPath.Found found) {
        if (!found.value().isTextual() || !found.value().asText().isEmpty()) {
            throw new Untranslatable(found, "none");
        }
    }

    /// Whom an object of the tenant's names.
    Set<Reference> references(HasMetadata tenant) {
        var own = Trees.of(tenant);
        var all = new HashSet<Reference>();
        for (var each : ofTenants(rule)) {
            for (var found : each.path().in(own, own)) {
                if (found.value().isTextual() && !found.value().asText().isEmpty()) {
                    all.add(new Reference(
                            each.syncer(),
                            namespaceOf(each, found, namespace(tenant)),
                            found.value().asText()));
                }
            }
        }
        return all;
    }

    /// Whom an object on the host names there.
    static Set<Reference> hostReferences(CustomKind rule, HasMetadata host) {
        var tree = Trees.of(host);
        var all = new HashSet<Reference>();
        for (var each : ofTenants(rule)) {
            for (var found : each.path().in(tree, tree)) {
                if (found.value().isTextual()) {
                    all.add(new Reference(each.syncer(), "", found.value().asText()));
                }
            }
        }
        return all;
    }

    private static List<NamesOf> ofTenants(CustomKind rule) {
        return rule.names().stream().filter(each -> each.shown() == null).toList();
    }

    private void names(NamesOf rule, JsonNode own, JsonNode tree, String namespace) {
        for (var found : rule.path().in(own, tree)) {
            var name = found.value();
            if (!name.isTextual()) {
                throw new Untranslatable(found, "a name");
            }
            if (rule.shown() != null) {
                if (!name.asText().isEmpty() && !isShown.test(rule.shown(), name.asText())) {
                    throw new Untranslatable(found, "one of the " + rule.shown().definition() + " that you see");
                }
            } else if (!name.asText().isEmpty()) {
                var of = namespaceOf(rule, found, namespace);
                found.replace(TextNode.valueOf(names.hostName(rule.syncer(), of, name.asText())));
            }
            if (!rule.namespaceField().isEmpty() && found.beside().hasNonNull(rule.namespaceField())) {
                if (!found.beside().path(rule.namespaceField()).isTextual()) {
                    throw new Untranslatable(found, "a namespace beside it as text");
                }
                found.replaceBeside(
                        rule.namespaceField(), TextNode.valueOf(names.tenant().hostNamespace()));
            }
        }
    }

    private static String namespaceOf(NamesOf rule, FieldPath.Found found, String own) {
        var named = rule.namespaceField().isEmpty()
                ? ""
                : found.beside().path(rule.namespaceField()).asText("");
        return named.isEmpty() ? own : named;
    }

    private static String namespace(HasMetadata tenant) {
        return Objects.requireNonNullElse(tenant.getMetadata().getNamespace(), "");
    }

    private static ObjectNode labels(FieldPath.Found found) {
        return labels(found, found.value());
    }

    private static ObjectNode labels(FieldPath.Found found, JsonNode value) {
        if (!value.isObject() || value.valueStream().anyMatch(each -> !each.isTextual())) {
            throw new Untranslatable(found, "labels");
        }
        var own = new TreeMap<String, String>();
        value.properties()
                .forEach(each -> own.put(each.getKey(), each.getValue().asText()));
        var host = Trees.object();
        NameMap.hostLabels(own).forEach(host::put);
        return host;
    }

    private ObjectNode selector(FieldPath.Found found, String namespace) {
        var own = found.value();
        if (!own.isObject()
                || own.properties().stream().map(Map.Entry::getKey).anyMatch(key -> !SELECTOR_FIELDS.contains(key))) {
            throw new Untranslatable(found, "a label selector");
        }
        var host = Trees.object();
        var matched = own.hasNonNull(MATCH_LABELS) ? labels(found, own.path(MATCH_LABELS)) : Trees.object();
        host.set(MATCH_LABELS, only(matched, namespace));
        if (own.hasNonNull(MATCH_EXPRESSIONS)) {
            host.set(MATCH_EXPRESSIONS, expressions(found, own.path(MATCH_EXPRESSIONS)));
        }
        return host;
    }

    private static ArrayNode expressions(FieldPath.Found found, JsonNode own) {
        if (!own.isArray() || own.valueStream().anyMatch(each -> !each.path(KEY).isTextual())) {
            throw new Untranslatable(found, "a label selector");
        }
        var expressions = (ArrayNode) own.deepCopy();
        expressions.forEach(each ->
                ((ObjectNode) each).put(KEY, NameMap.hostLabel(each.path(KEY).asText())));
        return expressions;
    }

    /// Nothing of another namespace, and nothing of another tenant.
    private ObjectNode only(ObjectNode labels, String namespace) {
        names.namespaceLabels(namespace).forEach(labels::put);
        return labels;
    }
}
