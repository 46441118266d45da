package io.insula.tenantapi.aggregation;

import java.util.List;
import java.util.function.Supplier;
import javax.net.ssl.KeyManager;
import org.jspecify.annotations.Nullable;

/// What TLS shows to servers behind, which can change while they are asked. Thread-safe: guarded by `this`.
final class ShownIdentity implements Supplier<List<KeyManager>> {

    private final Supplier<ProxyIdentity> identity;
    private @Nullable ProxyIdentity last;
    private List<KeyManager> keys = List.of();

    /// @param identity answers from memory
    ShownIdentity(Supplier<ProxyIdentity> identity) {
        this.identity = identity;
    }

    /// The same list until the identity is another.
    @Override
    public synchronized List<KeyManager> get() {
        ProxyIdentity now = identity.get();
        if (!now.equals(last)) {
            keys = now.keyManagers();
            last = now;
        }
        return keys;
    }
}
