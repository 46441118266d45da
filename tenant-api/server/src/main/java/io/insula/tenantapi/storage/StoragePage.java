package io.insula.tenantapi.storage;

import java.util.List;

/// One page of a range read, in bytewise key order.
///
/// @param revision the revision that the read shows
/// @param total how many keys the range holds from the page's start on, this page included
public record StoragePage(List<StoredValue> values, long revision, long total) {
    public StoragePage {
        values = List.copyOf(values);
    }

    public boolean more() {
        return total > values.size();
    }
}
