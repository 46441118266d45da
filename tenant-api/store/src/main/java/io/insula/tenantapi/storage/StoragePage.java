package io.insula.tenantapi.storage;

import java.util.List;

/// One page of a range read, in bytewise key order.
///
/// @param revision the revision that the read shows
/// @param total how many keys the range holds from the page's start on, this page included
/// @param changed as [Storage.State#changed()] of the collection; 0 where not known
public record StoragePage(List<StoredValue> values, long revision, long total, long changed) {

    public StoragePage(List<StoredValue> values, long revision, long total) {
        this(values, revision, total, 0);
    }

    public StoragePage {
        values = List.copyOf(values);
    }

    public boolean more() {
        return total > values.size();
    }
}
