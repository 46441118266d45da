package io.insula.tenantapi.egress;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;

/// TLS by whom it trusts, the name it asks for and what it shows: the [#MAX] last used are kept, with what they
/// remember of servers.
/// Thread-safe: guarded by `this`.
final class Contexts {

    static final int MAX = 16;

    private final Map<Key, SSLContext> contexts = new LinkedHashMap<>(MAX, 0.75f, true);

    private record Key(Trust trust, String name, List<KeyManager> keys) {}

    /// @throws EgressException where the bundle is of no use
    synchronized SSLContext of(Trust trust, String name, List<KeyManager> keys) throws EgressException {
        var key = new Key(trust, name, keys);
        SSLContext known = contexts.get(key);
        if (known == null) {
            known = ServerCertificates.context(trust, name, keys);
            contexts.put(key, known);
            if (contexts.size() > MAX) {
                contexts.remove(contexts.keySet().iterator().next());
            }
        }
        return known;
    }
}
