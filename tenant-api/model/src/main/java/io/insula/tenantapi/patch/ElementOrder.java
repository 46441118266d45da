package io.insula.tenantapi.patch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.insula.tenantapi.schema.JsonValues;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// The order of a merged list: the elements that a patch names in the patch's order, the others in between at the
/// places that the server's order suggests. Source: kubernetes/apimachinery, `util/strategicpatch`,
/// "normalizeElementOrder".
final class ElementOrder {

    private ElementOrder() {}

    /// @param patchOrder values, or objects that have at least the merge key
    /// @param key the merge key; empty for lists of values
    static ArrayNode enforce(ArrayNode merged, ArrayNode patchOrder, ArrayNode serverOrder, String key) {
        var named = new ArrayList<JsonNode>();
        var others = new ArrayList<JsonNode>();
        merged.forEach(e -> (indexOf(patchOrder, e, key) >= 0 ? named : others).add(e));
        named.sort(Comparator.comparingInt(e -> indexOf(patchOrder, e, key)));
        others.sort(Comparator.comparingInt(e -> orLast(indexOf(serverOrder, e, key))));
        return interleave(others, named, serverOrder, key);
    }

    private static ArrayNode interleave(List<JsonNode> others, List<JsonNode> named, ArrayNode server, String key) {
        ArrayNode all = server.arrayNode();
        int next = 0;
        for (JsonNode element : named) {
            int at = indexOf(server, element, key);
            while (next < others.size() && at >= 0 && isBefore(indexOf(server, others.get(next), key), at)) {
                all.add(others.get(next++));
            }
            all.add(element);
        }
        while (next < others.size()) {
            all.add(others.get(next++));
        }
        return all;
    }

    static boolean sameElement(JsonNode a, JsonNode b, String key) {
        return key.isEmpty() ? JsonValues.same(a, b) : a.has(key) && JsonValues.same(a.path(key), b.path(key));
    }

    private static boolean isBefore(int index, int other) {
        return index >= 0 && index < other;
    }

    private static int orLast(int index) {
        return index < 0 ? Integer.MAX_VALUE : index;
    }

    private static int indexOf(ArrayNode list, JsonNode element, String key) {
        for (int i = 0; i < list.size(); i++) {
            if (sameElement(list.get(i), element, key)) {
                return i;
            }
        }
        return -1;
    }
}
