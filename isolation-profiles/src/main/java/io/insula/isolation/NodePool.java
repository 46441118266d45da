package io.insula.isolation;

import io.fabric8.kubernetes.api.model.Toleration;
import java.util.List;
import java.util.Map;

/// The host nodes a profile's pods may run on. Immutable.
///
/// @param selector labels that such nodes carry; empty for every node
/// @param tolerations what its taints ask for, added to each pod
public record NodePool(Map<String, String> selector, List<Toleration> tolerations) {

    public static final NodePool ANY = new NodePool(Map.of(), List.of());

    public NodePool {
        selector = Map.copyOf(selector);
        tolerations = List.copyOf(tolerations);
    }
}
