package io.insula.tenantapi.service;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.ports.ObjectClient;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/// Chooses node ports, 30000–32767. What is taken is read from the Services themselves, so nothing can leak; two
/// Services created in the same instant may draw one port with a chance of about 1 in 2700, which the node ports of a
/// tenant (seen only inside it) can bear. Confined to one request.
public final class NodePorts {

    public static final int FIRST = 30000;
    public static final int LAST = 32767;

    private static final GroupVersionResource SERVICES = new GroupVersionResource("", "v1", "services");
    /// Kept for Services that name theirs. Source: kubernetes KEP-3668, min(max(16, size/32), 128).
    private static final int RESERVED = 86;

    private final Set<Integer> taken;

    private NodePorts(Set<Integer> taken) {
        this.taken = taken;
    }

    /// @param ownUid the Service being written, whose own ports count as free; empty for a new one
    public static NodePorts of(ObjectClient client, String ownUid) {
        var taken = new HashSet<Integer>();
        for (JsonNode service :
                client.list(SERVICES, "", ObjectClient.Query.ALL).items()) {
            if (!ownUid.isEmpty()
                    && service.path("metadata").path("uid").asText().equals(ownUid)) {
                continue;
            }
            service.path("spec").path("ports").forEach(p -> add(taken, p.path("nodePort")));
            add(taken, service.path("spec").path("healthCheckNodePort"));
        }
        return new NodePorts(taken);
    }

    private static void add(Set<Integer> taken, JsonNode port) {
        if (port.asInt() > 0) {
            taken.add(port.asInt());
        }
    }

    /// Whether a named port is free; it is taken from now on.
    public boolean take(int port) {
        return taken.add(port);
    }

    /// @throws ApiException (500) when all are taken
    public int takeAny() {
        int upper = LAST - FIRST + 1 - RESERVED;
        int start = ThreadLocalRandom.current().nextInt(upper);
        for (int i = 0; i < upper + RESERVED; i++) {
            int port = i < upper ? FIRST + RESERVED + (start + i) % upper : FIRST + i - upper;
            if (taken.add(port)) {
                return port;
            }
        }
        throw ApiException.internal("failed to allocate a nodePort: range is full", null);
    }
}
