package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.Pod;
import io.insula.rules.keys.WellKnownKeys;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.engine.NameMap;
import io.insula.syncer.engine.TenantView;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The labels of a tenant's namespaces, which all are one on the host: each host pod carries those of its own, so that
/// a selector over namespaces is one over pods, and stays true when a namespace is labelled later.
final class NamespaceLabels {

    static final String PREFIX = "namespace.insula.io/";

    private NamespaceLabels() {}

    static Map<String, String> of(Pod tenant, TenantView view) {
        var labels = new LinkedHashMap<String, String>();
        view.tenantObject(Kinds.NAMESPACE, "", Kinds.namespace(tenant))
                .map(namespace -> namespace.getMetadata().getLabels())
                .ifPresent(own -> own.forEach((key, value) -> {
                    if (!key.equals(WellKnownKeys.NAMESPACE_NAME)) {
                        labels.put(key(key), value);
                    }
                }));
        return labels;
    }

    /// The key on a host pod of a namespace's label.
    static String key(String key) {
        return key.equals(WellKnownKeys.NAMESPACE_NAME)
                ? InsulaLabels.NAMESPACE
                : PREFIX + NameMap.hostLabel(key).substring(InsulaLabels.TENANT_LABEL_PREFIX.length());
    }

    /// Whether a namespace of these labels and this name is selected.
    static boolean matches(LabelSelector selector, String name, @Nullable Map<String, String> own) {
        var labels = new LinkedHashMap<>(own == null ? Map.<String, String>of() : own);
        labels.put(WellKnownKeys.NAMESPACE_NAME, name);
        return Selectors.matches(selector, labels);
    }
}
