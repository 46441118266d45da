package io.insula.tenantapi.registry;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.storage.Storage;
import io.insula.tenantapi.storage.Storage.Freshness;
import io.insula.tenantapi.storage.StorageException;
import io.insula.tenantapi.storage.StoragePage;
import io.insula.tenantapi.storage.StoredValue;
import java.util.ArrayList;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Supplier;

/// Lists collections, in pages where the client wants them. Source: kubernetes/apiserver, `etcd3/store.go` (GetList).
final class Listing {

    private static final int MAX_PAGE = 10_000;
    private static final String EXPIRED_TOKEN =
            "The provided continue parameter is too old to display a consistent list result. You can start a new list"
                    + " without the continue parameter, or use the continue token in this response to retrieve the"
                    + " remainder of the results. Continuing with the provided token results in an inconsistent list -"
                    + " objects that were created, modified, or deleted between the time the first chunk was returned"
                    + " and now may show up in the list.";

    private final Storage storage;
    private final StoredObjects objects;
    private final TextLists texts;

    Listing(Storage storage, StoredObjects objects, ScheduledExecutorService scheduler) {
        this.storage = storage;
        this.objects = objects;
        texts = new TextLists(storage, objects, scheduler);
    }

    /// The whole collection in JSON; empty where only a part or a certain revision is asked for.
    Optional<TextPage> text(Target target, ListOptions options, boolean gzip) {
        options.validateList();
        StoredKind kind = target.stored();
        boolean plain = options.continueToken().isEmpty()
                && options.limit() == 0
                && options.revision() == 0
                && !kind.isCustom()
                && Selection.of(kind, options.labelSelector(), options.fieldSelector(), target.name())
                        .isEverything();
        if (!plain) {
            return Optional.empty();
        }
        String prefix = StoredObjects.prefix(kind, target.namespace());
        return Optional.of(StoredObjects.guard(() -> texts.list(kind, prefix, freshness(options), gzip)));
    }

    private static Freshness freshness(ListOptions options) {
        return options.resourceVersion().equals("0") ? Freshness.OWN_WRITES : Freshness.LATEST;
    }

    /// A page as fresh as the options ask: "0" means whatever is at hand.
    ObjectPage list(Target target, ListOptions options) {
        return list(target, options, freshness(options));
    }

    /// @param freshness of what is not asked for at a certain revision
    ObjectPage list(Target target, ListOptions options, Freshness freshness) {
        options.validateList();
        StoredKind kind = target.stored();
        var selection = Selection.of(kind, options.labelSelector(), options.fieldSelector(), target.name());
        String prefix = StoredObjects.prefix(kind, target.namespace());
        if (!options.continueToken().isEmpty()) {
            if (options.revision() != 0) {
                throw ApiException.badRequest("specifying resource version is not allowed when using continue");
            }
            var token = ContinueToken.decode(options.continueToken(), prefix);
            return continued(token, prefix, () -> new Scan(kind, prefix, selection, options.limit(), freshness));
        }
        ObjectPage page = new Scan(kind, prefix, selection, options.limit(), freshness).run("", readAt(options));
        requireReached(options, page);
        return page;
    }

    private ObjectPage continued(ContinueToken token, String prefix, Supplier<Scan> scan) {
        try {
            return scan.get().run(token.start(), Math.max(0, token.revision()));
        } catch (ApiException e) {
            if (e.code() == 410) {
                throw ApiException.expired(EXPIRED_TOKEN, token.atLatest(prefix));
            }
            throw e;
        }
    }

    /// The revision to read exactly at; 0 for the latest.
    private static long readAt(ListOptions options) {
        long asked = options.revision();
        // with a limit and without a match, upstream always has read exactly there
        boolean legacyExact =
                options.limit() > 0 && options.resourceVersionMatch().isEmpty();
        return options.isExact() || legacyExact ? asked : 0;
    }

    private static void requireReached(ListOptions options, ObjectPage page) {
        long asked = options.revision();
        long read = Long.parseLong(page.resourceVersion());
        if (asked > read) {
            throw StorageErrors.toApi(new StorageException.FutureRevision(asked, read));
        }
    }

    /// One pass over a range. Confined to its call.
    private final class Scan {
        private final StoredKind kind;
        private final String prefix;
        private final Selection selection;
        private final int limit;
        private final Freshness freshness;
        private final ArrayList<ObjectNode> items = new ArrayList<>();
        private Map<String, ObjectNode> converted = Map.of();

        Scan(StoredKind kind, String prefix, Selection selection, int limit, Freshness freshness) {
            this.kind = kind;
            this.prefix = prefix;
            this.selection = selection;
            this.limit = limit;
            this.freshness = freshness;
        }

        ObjectPage run(String firstKey, long firstRevision) {
            String start = firstKey;
            long revision = firstRevision;
            int chunk = limit;
            while (true) {
                StoragePage page = read(start, revision, chunk);
                revision = page.revision();
                converted = objects.decodeTogether(kind, page.values());
                int seen = 0;
                for (StoredValue value : page.values()) {
                    seen++;
                    take(value);
                    if (limit > 0
                            && items.size() == limit
                            && (seen < page.values().size() || page.more())) {
                        return cut(revision, value.key(), page.total() - seen);
                    }
                }
                if (!page.more()) {
                    return new ObjectPage(Long.toString(revision), items, "", -1);
                }
                start = page.values().getLast().key() + "\0";
                // selectors that match little: read in ever larger chunks
                chunk = Math.min(MAX_PAGE, chunk * 2);
            }
        }

        private StoragePage read(String start, long revision, int chunk) {
            String collection = StoredObjects.collection(kind);
            return StoredObjects.guard(() -> start.isEmpty() && revision == 0
                    ? storage.list(collection, prefix, chunk, freshness)
                    : storage.list(prefix, start, revision, chunk));
        }

        private void take(StoredValue value) {
            ObjectNode together = converted.get(value.key());
            ObjectNode object = together == null ? objects.decode(kind, value).object() : together;
            if (selection.matches(object)) {
                items.add(object);
            }
        }

        private ObjectPage cut(long revision, String lastKey, long rest) {
            String token = ContinueToken.encode(revision, lastKey, prefix);
            return new ObjectPage(Long.toString(revision), items, token, selection.isEverything() ? rest : -1);
        }
    }
}
