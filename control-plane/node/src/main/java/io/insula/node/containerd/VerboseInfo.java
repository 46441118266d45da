package io.insula.node.containerd;

import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.Map;

/// The part of containerd's verbose answers that CRI itself lacks. Source: containerd, `pkg/cri`, `ContainerInfo`.
final class VerboseInfo {

    private VerboseInfo() {}

    /// Empty where it does not say.
    static String sandboxId(String json) {
        if (json.isEmpty()) {
            return "";
        }
        Map<?, ?> info = Serialization.unmarshal(json, Map.class);
        return info.get("sandboxID") instanceof String id ? id : "";
    }
}
