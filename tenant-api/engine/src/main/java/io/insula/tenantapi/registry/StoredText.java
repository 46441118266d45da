package io.insula.tenantapi.registry;

import io.insula.tenantapi.api.GroupVersionKind;
import io.insula.tenantapi.storage.StoredValue;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// What this server stored, as clients get it, without reading it: objects are stored with `kind`, `apiVersion` and
/// `metadata` first, so that the resourceVersion has its place right behind. Anything else that is found in the store
/// (protobuf, another order, another version) is left to a decoder. Immutable; one per kind and use.
final class StoredText {

    private final byte[] head;
    private final boolean readable;

    StoredText(StoredKind kind) {
        GroupVersionKind type = kind.spec().kind();
        head = bytes("{\"kind\":\"" + type.kind() + "\",\"apiVersion\":\"" + type.apiVersion() + "\",\"metadata\":{");
        // custom objects get defaults at every read
        readable = !kind.isCustom();
    }

    /// The whole object in JSON; null when it has to be decoded.
    byte @Nullable [] object(StoredValue stored) {
        return object(stored.value(), stored.modRevision());
    }

    byte @Nullable [] object(byte[] value, long revision) {
        return fits(value) ? spliced(head, revision, value) : null;
    }

    /// The same as an item of a list, which says kind and apiVersion for all; null when it has to be decoded.
    byte @Nullable [] item(StoredValue stored) {
        return fits(stored.value()) ? spliced(bytes("{\"metadata\":{"), stored.modRevision(), stored.value()) : null;
    }

    private boolean fits(byte[] value) {
        return readable
                && value.length > head.length
                && value[head.length] == '"'
                && Arrays.equals(value, 0, head.length, head, 0, head.length);
    }

    private byte[] spliced(byte[] begin, long revision, byte[] value) {
        byte[] version = bytes("\"resourceVersion\":\"" + revision + "\",");
        int rest = value.length - head.length;
        byte[] all = Arrays.copyOf(begin, begin.length + version.length + rest);
        System.arraycopy(version, 0, all, begin.length, version.length);
        System.arraycopy(value, head.length, all, begin.length + version.length, rest);
        return all;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
