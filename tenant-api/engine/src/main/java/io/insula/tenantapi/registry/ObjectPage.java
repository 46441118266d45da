package io.insula.tenantapi.registry;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/// A list answer.
///
/// @param items in key order; complete trees with apiVersion and kind, the receiver's own
/// @param continueToken empty on the last page
/// @param remaining how many more there are; -1 where not known
public record ObjectPage(String resourceVersion, List<ObjectNode> items, String continueToken, long remaining) {
    public ObjectPage {
        items = List.copyOf(items);
    }
}
