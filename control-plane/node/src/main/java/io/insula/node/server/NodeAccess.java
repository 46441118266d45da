package io.insula.node.server;

import java.util.List;

/// Whether somebody may ask this node for something. Thread-safe; may block.
@FunctionalInterface
public interface NodeAccess {

    /// Who asks, as the client certificate says: common name and organisations.
    record Asker(String name, List<String> groups) {
        public Asker {
            groups = List.copyOf(groups);
        }
    }

    /// @param verb `get`, `create` …
    /// @param subresource of the Node: `proxy`, `stats`, `metrics`, `log` …
    boolean allows(Asker asker, String verb, String subresource);
}
