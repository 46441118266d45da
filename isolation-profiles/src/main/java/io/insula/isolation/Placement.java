package io.insula.isolation;

import static io.insula.isolation.SpecErrors.wrong;

import io.insula.rules.keys.InsulaKeys;
import java.util.Arrays;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// On what machines a profile's pods run. It becomes a part of the node pool's selector, so all that knows the pool
/// (host pods, the host's policy, which nodes a tenant sees, whether the host can serve the profile) obeys it.
enum Placement {
    /// Wherever the pool is.
    ANY("any"),
    /// Where virtual machines can be run: nodes of the pool `bare-metal`.
    BARE_METAL("bare-metal"),
    /// Nodes that are virtual machines themselves, of the pool `vm`.
    VM("vm");

    private static final String FIELD = "placement";

    private final String wireName;

    Placement(String wireName) {
        this.wireName = wireName;
    }

    /// @throws IllegalArgumentException naming the field
    static Placement read(@Nullable Object value) {
        return value == null
                ? ANY
                : Arrays.stream(values())
                        .filter(each -> each.wireName.equals(value))
                        .findFirst()
                        .orElseThrow(() -> wrong(
                                FIELD,
                                String.valueOf(value),
                                Arrays.stream(values())
                                        .map(each -> each.wireName)
                                        .collect(Collectors.joining(", ", "one of ", ""))));
    }

    /// The part of a pool that is on such machines.
    ///
    /// @throws IllegalArgumentException for a pool that has none
    NodePool of(NodePool pool) {
        if (this == ANY) {
            return pool;
        }
        var own = pool.selector().get(InsulaKeys.NODE_POOL);
        if (own != null && !own.equals(wireName)) {
            throw wrong(FIELD, wireName, "any, as nodePool.selector[" + InsulaKeys.NODE_POOL + "] is \"" + own + "\"");
        }
        var selector = new TreeMap<>(pool.selector());
        selector.put(InsulaKeys.NODE_POOL, wireName);
        return new NodePool(selector, pool.tolerations());
    }
}
