package io.insula.node.network.dns;

import io.insula.node.network.dns.DnsAnswer.Elsewhere;
import io.insula.node.network.dns.DnsAnswer.NoName;
import io.insula.node.network.dns.DnsAnswer.NotOurs;
import io.insula.node.network.dns.DnsAnswer.Nothing;
import io.insula.node.network.dns.DnsAnswer.Own;
import io.insula.node.network.dns.NamedService.Endpoint;
import io.insula.node.network.dns.NamedService.Port;
import io.insula.rules.network.AddressBlock;
import io.insula.rules.network.IpAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// All names of one cluster. Immutable. Source: Kubernetes DNS-Based Service Discovery 1.1.0; CoreDNS, plugin
/// `kubernetes`.
public final class ClusterNames {

    private static final String SCHEMA = "1.1.0";
    private static final String REVERSE = ".in-addr.arpa";
    private static final int WEIGHT = 100;

    private final String domain;
    private final List<AddressBlock> inside;
    private final Map<String, NamedService> services = new HashMap<>();
    private final Set<String> namespaces = new HashSet<>();
    private final Map<String, String> pointers = new HashMap<>();

    /// @param domain such as `cluster.local`
    /// @param inside blocks of addresses whose names nobody outside is asked for
    public ClusterNames(String domain, Collection<NamedService> all, List<AddressBlock> inside) {
        this.domain = domain;
        this.inside = List.copyOf(inside);
        for (NamedService service : all) {
            services.put(key(service.namespace(), service.name()), service);
            namespaces.add(service.namespace());
            service.addresses().forEach(address -> pointers.put(address, fullName(service)));
            service.endpoints()
                    .forEach(endpoint ->
                            pointers.putIfAbsent(endpoint.address(), endpoint.name() + "." + fullName(service)));
        }
    }

    private static String key(String namespace, String name) {
        return namespace + "/" + name;
    }

    private String fullName(NamedService service) {
        return service.name() + "." + service.namespace() + ".svc." + domain;
    }

    /// @param asked without a dot at its end, in any case
    /// @param type as in the message
    public DnsAnswer answer(String asked, int type) {
        String name = asked.toLowerCase(Locale.ROOT);
        if (name.endsWith(REVERSE)) {
            return pointer(asked, name.substring(0, name.length() - REVERSE.length()), type);
        }
        if (name.equals(domain)) {
            return new Nothing();
        }
        if (!name.endsWith("." + domain)) {
            return new NotOurs();
        }
        List<String> labels =
                List.of(name.substring(0, name.length() - domain.length() - 1).split("\\.", -1));
        if (labels.equals(List.of("dns-version"))) {
            return only(DnsRecord.text(asked, SCHEMA), type);
        }
        String kind = labels.getLast();
        if (labels.size() < 2) {
            return kind.equals("svc") || kind.equals("pod") ? new Nothing() : new NoName();
        }
        String namespace = labels.get(labels.size() - 2);
        List<String> rest = labels.subList(0, labels.size() - 2);
        return switch (kind) {
            case "svc" -> service(asked, namespace, rest, type);
            case "pod" -> pod(asked, namespace, rest, type);
            default -> new NoName();
        };
    }

    private DnsAnswer pointer(String asked, String reversed, int type) {
        var parts = new ArrayList<>(List.of(reversed.split("\\.", -1)));
        String address = String.join(".", parts.reversed());
        String target = pointers.get(address);
        if (target != null) {
            return only(DnsRecord.pointer(asked, target), type);
        }
        boolean isInside = AddressBlock.address(address)
                .filter(one -> inside.stream().anyMatch(block -> block.covers(one)))
                .isPresent();
        return isInside ? new NoName() : new NotOurs();
    }

    private static DnsAnswer only(DnsRecord record, int type) {
        return type == record.type() || type == DnsRecord.ANY ? new Own(List.of(record), List.of()) : new Nothing();
    }

    /// `10-88-0-2.shop.pod`: the address that the name spells.
    private DnsAnswer pod(String asked, String namespace, List<String> rest, int type) {
        if (rest.isEmpty()) {
            return namespaces.contains(namespace) ? new Nothing() : new NoName();
        }
        return rest.size() != 1 || !namespaces.contains(namespace)
                ? new NoName()
                : IpAddress.parse(rest.getFirst().replace('-', '.'))
                        .filter(IpAddress::isIpv4)
                        .map(address -> only(DnsRecord.address(asked, address.toString()), type))
                        .orElseGet(NoName::new);
    }

    private DnsAnswer service(String asked, String namespace, List<String> rest, int type) {
        if (rest.isEmpty()) {
            return namespaces.contains(namespace) ? new Nothing() : new NoName();
        }
        NamedService service = services.get(key(namespace, rest.getLast()));
        if (service == null) {
            return new NoName();
        }
        if (!service.external().isEmpty()) {
            return rest.size() == 1
                    ? new Elsewhere(DnsRecord.alias(asked, service.external()), service.external())
                    : new NoName();
        }
        if (service.addresses().isEmpty() && service.endpoints().isEmpty()) {
            return new NoName();
        }
        return switch (rest.size()) {
            case 1 -> whole(asked, service, type);
            case 2 -> endpoint(asked, service, rest.getFirst(), type);
            case 3 -> ports(asked, service, rest.get(0), rest.get(1), type);
            default -> new NoName();
        };
    }

    private DnsAnswer whole(String asked, NamedService service, int type) {
        if (type == DnsRecord.SRV) {
            return targets(asked, service, "", "");
        }
        if (type != DnsRecord.A && type != DnsRecord.ANY) {
            return new Nothing();
        }
        List<String> addresses = service.addresses().isEmpty()
                ? service.endpoints().stream().map(Endpoint::address).distinct().toList()
                : service.addresses();
        return new Own(
                addresses.stream()
                        .map(address -> DnsRecord.address(asked, address))
                        .toList(),
                List.of());
    }

    private static DnsAnswer endpoint(String asked, NamedService service, String name, int type) {
        List<DnsRecord> records = service.endpoints().stream()
                .filter(endpoint -> endpoint.name().equals(name))
                .map(endpoint -> DnsRecord.address(asked, endpoint.address()))
                .toList();
        if (records.isEmpty()) {
            return new NoName();
        }
        return type == DnsRecord.A || type == DnsRecord.ANY ? new Own(records, List.of()) : new Nothing();
    }

    /// `_http._tcp.web.shop.svc`.
    private DnsAnswer ports(String asked, NamedService service, String port, String protocol, int type) {
        if (!port.startsWith("_") || !protocol.startsWith("_")) {
            return new NoName();
        }
        DnsAnswer found = targets(asked, service, port.substring(1), protocol.substring(1));
        return found instanceof Own && type != DnsRecord.SRV && type != DnsRecord.ANY ? new Nothing() : found;
    }

    /// @param port name of the port, empty for all
    private DnsAnswer targets(String asked, NamedService service, String port, String protocol) {
        var records = new ArrayList<DnsRecord>();
        var additional = new ArrayList<DnsRecord>();
        if (service.addresses().isEmpty()) {
            for (Endpoint endpoint : service.endpoints()) {
                String target = endpoint.name() + "." + fullName(service);
                List<Port> own = matching(endpoint.ports(), port, protocol);
                own.forEach(each -> records.add(DnsRecord.service(asked, WEIGHT, each.number(), target)));
                if (!own.isEmpty()) {
                    additional.add(DnsRecord.address(target, endpoint.address()));
                }
            }
        } else {
            String target = fullName(service);
            matching(service.ports(), port, protocol)
                    .forEach(each -> records.add(DnsRecord.service(asked, WEIGHT, each.number(), target)));
            service.addresses().forEach(address -> additional.add(DnsRecord.address(target, address)));
        }
        return records.isEmpty() ? new NoName() : new Own(records, additional);
    }

    private static List<Port> matching(List<Port> ports, String name, String protocol) {
        return ports.stream()
                .filter(port -> name.isEmpty()
                        || (port.name().equals(name) && port.protocol().equals(protocol)))
                .toList();
    }
}
