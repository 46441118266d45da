package io.insula.node.image;

import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.LinkedHashMap;
import java.util.Map;

/// JSON with its members in the order in which they were given.
final class Json {

    private Json() {}

    static String of(Object value) {
        return Serialization.asJson(value);
    }

    /// @param pairs name, value, name, value …
    static Map<String, Object> object(Object... pairs) {
        var object = new LinkedHashMap<String, Object>();
        for (int i = 0; i < pairs.length; i += 2) {
            object.put((String) pairs[i], pairs[i + 1]);
        }
        return object;
    }
}
