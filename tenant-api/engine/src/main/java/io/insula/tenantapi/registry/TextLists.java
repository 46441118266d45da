package io.insula.tenantapi.registry;

import io.insula.tenantapi.api.GroupVersionKind;
import io.insula.tenantapi.storage.Storage;
import io.insula.tenantapi.storage.Storage.Freshness;
import io.insula.tenantapi.storage.StoragePage;
import io.insula.tenantapi.storage.StoredValue;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Whole collections as JSON, put together from what is stored. While nothing in a collection changes, its
/// text stays for the next who asks: only the list's own resourceVersion is new. Thread-safe: guarded by
/// `this`, but for the making of a text, which is guarded by its slot so that many who wait for one do not
/// all make it.
final class TextLists {

    /// From where on an answer is packed. Source: kubernetes/apiserver, `writers.go` (defaultGzipThresholdBytes).
    private static final int PACKED_FROM_BYTES = 128 * 1024;

    private static final int MAX_SLOTS = 8;
    private static final int MAX_KEPT_BYTES = 8 * 1024 * 1024;
    private static final Duration KEEP = Duration.ofSeconds(10);

    private final Storage storage;
    private final StoredObjects objects;
    private final ScheduledExecutorService scheduler;
    private final LinkedHashMap<String, Slot> slots = new LinkedHashMap<>(16, 0.75f, true);
    private boolean sweeping;

    TextLists(Storage storage, StoredObjects objects, ScheduledExecutorService scheduler) {
        this.storage = storage;
        this.objects = objects;
        this.scheduler = scheduler;
    }

    /// The text of one range.
    private static final class Slot {
        private @Nullable Text text;
        private long usedNanos = System.nanoTime();
    }

    /// @param changed what the store says of the range's last change; 0 where it does not know
    /// @param items all behind the list's own metadata, to the end
    /// @param packed the same, deflated; null until somebody wants it
    private record Text(
            long changed,
            long revision,
            int count,
            byte[] items,
            @Nullable GzipTail packed) {}

    /// All objects of a range.
    TextPage list(StoredKind kind, String prefix, Freshness freshness, boolean gzip) {
        String collection = StoredObjects.collection(kind);
        Storage.State state = storage.state(collection, freshness);
        if (state.changed() == 0) {
            return page(kind, made(kind, prefix, freshness, 0, gzip), gzip, 0);
        }
        Slot slot = slot(kind, prefix);
        synchronized (slot) {
            // whoever made the text while this one waited may have seen a later state
            state = storage.state(collection, Freshness.OWN_WRITES).orAtLeast(state);
            Text text = slot.text;
            if (text == null || text.changed() != state.changed() || (gzip && text.packed() == null)) {
                text = made(kind, prefix, Freshness.OWN_WRITES, state.revision(), gzip);
                slot.text = text.changed() == 0 || text.items().length > MAX_KEPT_BYTES ? null : text;
            }
            return page(kind, text, gzip, state.revision());
        }
    }

    /// @param least the revision that the text must show
    private Text made(StoredKind kind, String prefix, Freshness freshness, long least, boolean gzip) {
        StoragePage page = storage.list(StoredObjects.collection(kind), prefix, 0, freshness);
        if (page.revision() < least) {
            page = storage.list(StoredObjects.collection(kind), prefix, 0, Freshness.LATEST);
        }
        byte[] items = items(kind, page);
        boolean worth = gzip && items.length >= PACKED_FROM_BYTES;
        return new Text(
                page.changed(), page.revision(), page.values().size(), items, worth ? GzipTail.of(items) : null);
    }

    private byte[] items(StoredKind kind, StoragePage page) {
        var texts = new StoredText(kind);
        var out = new ByteArrayOutputStream(page.values().size() * 1024 + 16);
        boolean first = true;
        for (StoredValue value : page.values()) {
            if (!first) {
                out.write(',');
            }
            first = false;
            byte[] item = texts.item(value);
            out.writeBytes(item == null ? objects.item(kind, value) : item);
        }
        out.write(']');
        out.write('}');
        return out.toByteArray();
    }

    private static TextPage page(StoredKind kind, Text text, boolean gzip, long revision) {
        GroupVersionKind type = kind.spec().kind();
        byte[] head = ("{\"kind\":\"" + type.kind() + "List\",\"apiVersion\":\"" + type.apiVersion()
                        + "\",\"metadata\":{\"resourceVersion\":\"" + Math.max(revision, text.revision())
                        + "\"},\"items\":[")
                .getBytes(StandardCharsets.UTF_8);
        GzipTail packed = text.packed();
        if (gzip && packed != null) {
            return new TextPage(new byte[0], packed.after(head), text.count());
        }
        byte[] body = new byte[head.length + text.items().length];
        System.arraycopy(head, 0, body, 0, head.length);
        System.arraycopy(text.items(), 0, body, head.length, text.items().length);
        return new TextPage(body, new byte[0], text.count());
    }

    private synchronized Slot slot(StoredKind kind, String prefix) {
        Slot slot = slots.computeIfAbsent(prefix + ' ' + kind.spec().kind().apiVersion(), _ -> new Slot());
        slot.usedNanos = System.nanoTime();
        while (slots.size() > MAX_SLOTS) {
            slots.pollFirstEntry();
        }
        sweepLater();
        return slot;
    }

    @SuppressWarnings("FutureReturnValueIgnored") // runs once
    private synchronized void sweepLater() {
        if (!sweeping && !slots.isEmpty()) {
            sweeping = true;
            scheduler.schedule(this::sweep, KEEP.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private synchronized void sweep() {
        sweeping = false;
        long oldest = System.nanoTime() - KEEP.toNanos();
        slots.values().removeIf(slot -> slot.usedNanos - oldest < 0);
        sweepLater();
    }
}
