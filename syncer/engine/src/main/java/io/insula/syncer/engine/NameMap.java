package io.insula.syncer.engine;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.insula.rules.digest.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Names of one tenant's objects on the host. A pure function one way; the way back is on the host objects themselves,
/// as annotations, and believed only where the name computed from them is the object's own. Immutable.
///
/// A host name is `<name>-<namespace>` cut to 42 characters, a dash and 20 characters of a hash over tenant, kind,
/// namespace and name: 100 bits, so that nobody can find two objects with the same host name. It is a DNS label that
/// starts with a letter, hence valid for every kind.
public record NameMap(TenantId tenant) {

    private static final int READABLE = 42;
    private static final int HASH = 20;
    private static final String ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";

    public String hostName(String kind, String namespace, String name) {
        return readable(name + "-" + namespace) + "-" + hash("name", tenant.value(), kind, namespace, name);
    }

    /// Metadata of the host object: its name, and where it comes from. Labels of the tenant's are added by the caller.
    public ObjectMeta hostMeta(String kind, HasMetadata object) {
        var meta = object.getMetadata();
        var namespace = orEmpty(meta.getNamespace());
        return new ObjectMetaBuilder()
                .withName(hostName(kind, namespace, meta.getName()))
                .withNamespace(tenant.hostNamespace())
                .withLabels(labels(kind, namespace, meta.getName()))
                .withAnnotations(Map.of(
                        InsulaLabels.TENANT, tenant.value(),
                        InsulaLabels.NAMESPACE, namespace,
                        InsulaLabels.NAME, meta.getName(),
                        InsulaLabels.UID, orEmpty(meta.getUid()),
                        InsulaLabels.KIND, kind))
                .build();
    }

    /// The tenant object that a host object stands for; empty if it is not this tenant's, or its name does not follow
    /// from its annotations.
    public Optional<SyncKey> tenantKey(HasMetadata host) {
        var meta = host.getMetadata();
        var annotations = meta.getAnnotations();
        if (annotations == null
                || !tenant.value().equals(annotations.get(InsulaLabels.TENANT))
                || !isHere(meta.getNamespace())) {
            return Optional.empty();
        }
        var kind = annotations.getOrDefault(InsulaLabels.KIND, "");
        var namespace = annotations.getOrDefault(InsulaLabels.NAMESPACE, "");
        var name = annotations.getOrDefault(InsulaLabels.NAME, "");
        return hostName(kind, namespace, name).equals(meta.getName())
                ? Optional.of(new SyncKey(tenant, kind, namespace, name))
                : Optional.empty();
    }

    /// What is cluster-scoped is found by its name, which has the tenant in it.
    private boolean isHere(@Nullable String namespace) {
        return namespace == null || tenant.hostNamespace().equals(namespace);
    }

    /// A tenant's label key on the host. Keys with a prefix of their own, and long ones, end in a hash.
    public static String hostLabel(String key) {
        return InsulaLabels.TENANT_LABEL_PREFIX
                + (key.indexOf('/') < 0 && key.length() <= READABLE
                        ? key
                        : key.substring(key.indexOf('/') + 1, Math.min(key.length(), key.indexOf('/') + 1 + READABLE))
                                + "-" + hash("label", key));
    }

    public static Map<String, String> hostLabels(@Nullable Map<String, String> tenantLabels) {
        var translated = new LinkedHashMap<String, String>();
        if (tenantLabels != null) {
            tenantLabels.forEach((key, value) -> translated.put(hostLabel(key), value));
        }
        return translated;
    }

    /// Labels that select every object of one tenant namespace, and nothing else on the host.
    public Map<String, String> namespaceLabels(String namespace) {
        return Map.of(InsulaLabels.TENANT, tenant.value(), InsulaLabels.NAMESPACE, namespace);
    }

    private Map<String, String> labels(String kind, String namespace, String name) {
        var labels = new LinkedHashMap<String, String>();
        labels.put(InsulaLabels.MANAGED_BY, InsulaLabels.SYNCER);
        labels.put(InsulaLabels.TENANT, tenant.value());
        labels.put(InsulaLabels.NAMESPACE, namespace);
        labels.put(InsulaLabels.OBJECT, hash("name", tenant.value(), kind, namespace, name));
        return labels;
    }

    /// Lower case, every run of other characters than letters and digits as one dash, none at the end.
    private static String readable(String text) {
        var lower = text.toLowerCase(Locale.ROOT);
        var readable = new StringBuilder(READABLE);
        for (int i = 0; i < lower.length() && readable.length() < READABLE; i++) {
            append(readable, lower.charAt(i));
        }
        int end = readable.length();
        while (end > 0 && readable.charAt(end - 1) == '-') {
            end--;
        }
        return readable.substring(0, end);
    }

    private static void append(StringBuilder readable, char c) {
        boolean isLetter = c >= 'a' && c <= 'z';
        if (readable.isEmpty() && !isLetter) {
            readable.append('x');
        }
        if (isLetter || (c >= '0' && c <= '9')) {
            readable.append(c);
        } else if (readable.charAt(readable.length() - 1) != '-') {
            readable.append('-');
        }
    }

    /// 100 bits, as text that names and label values may hold. Each part is preceded by its length, so that
    /// no two lists of parts read the same.
    public static String hash(String... parts) {
        var digest = Sha256.start();
        for (var part : parts) {
            var bytes = part.getBytes(StandardCharsets.UTF_8);
            digest.update((bytes.length + ":").getBytes(StandardCharsets.UTF_8));
            digest.update(bytes);
        }
        var bytes = digest.digest();
        var text = new StringBuilder(HASH);
        for (int bit = 0; bit < HASH * 5; bit += 5) {
            int pair = ((bytes[bit / 8] & 0xff) << 8) | (bytes[bit / 8 + 1] & 0xff);
            text.append(ALPHABET.charAt((pair >> (11 - bit % 8)) & 31));
        }
        return text.toString();
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }
}
