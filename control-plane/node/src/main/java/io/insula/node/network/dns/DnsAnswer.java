package io.insula.node.network.dns;

import java.util.List;

/// What is said to a question. Immutable.
public sealed interface DnsAnswer {

    /// The cluster's own names tell.
    ///
    /// @param additional what the asker will want to know next
    record Own(List<DnsRecord> records, List<DnsRecord> additional) implements DnsAnswer {
        public Own {
            records = List.copyOf(records);
            additional = List.copyOf(additional);
        }
    }

    /// The name is there, but nothing of this kind.
    record Nothing() implements DnsAnswer {}

    /// No such name in the cluster.
    record NoName() implements DnsAnswer {}

    /// Another name, of somebody outside of the cluster.
    record Elsewhere(DnsRecord alias, String target) implements DnsAnswer {}

    /// Not a name of the cluster's.
    record NotOurs() implements DnsAnswer {}

    /// Nobody knows who asks.
    record Refused() implements DnsAnswer {}
}
