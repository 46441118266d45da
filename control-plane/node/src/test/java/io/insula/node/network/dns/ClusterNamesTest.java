package io.insula.node.network.dns;

import static org.assertj.core.api.Assertions.assertThat;

import io.insula.node.network.dns.NamedService.Endpoint;
import io.insula.node.network.dns.NamedService.Port;
import io.insula.rules.network.AddressBlock;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What CoreDNS says too. Source: Kubernetes DNS-Based Service Discovery 1.1.0.
final class ClusterNamesTest {

    private static final int AAAA = 28;
    private static final int MX = 15;

    private static final ClusterNames NAMES = new ClusterNames(
            "cluster.local",
            List.of(
                    new NamedService(
                            "shop",
                            "web",
                            List.of("10.96.0.9"),
                            List.of(new Port("http", "tcp", 80), new Port("dns", "udp", 53)),
                            List.of(),
                            ""),
                    new NamedService(
                            "shop",
                            "db",
                            List.of(),
                            List.of(new Port("sql", "tcp", 5432)),
                            List.of(
                                    new Endpoint("db-0", "10.88.0.2", List.of(new Port("sql", "tcp", 5432))),
                                    new Endpoint("10-88-0-3", "10.88.0.3", List.of(new Port("sql", "tcp", 5433)))),
                            ""),
                    new NamedService("shop", "void", List.of(), List.of(), List.of(), ""),
                    new NamedService("shop", "far", List.of(), List.of(), List.of(), "www.example.org")),
            List.of(AddressBlock.of("10.88.0.0/16")));

    record Case(String name, int type, String want) {}

    static Stream<Case> cases() {
        return Stream.of(
                new Case("web.shop.svc.cluster.local", DnsRecord.A, "10.96.0.9"),
                new Case("WEB.Shop.svc.Cluster.local", DnsRecord.A, "10.96.0.9"),
                new Case("web.shop.svc.cluster.local", AAAA, "Nothing"),
                new Case("web.shop.svc.cluster.local", MX, "Nothing"),
                new Case("web.other.svc.cluster.local", DnsRecord.A, "NoName"),
                new Case("none.shop.svc.cluster.local", DnsRecord.A, "NoName"),
                new Case("db.shop.svc.cluster.local", DnsRecord.A, "10.88.0.2 10.88.0.3"),
                new Case("db-0.db.shop.svc.cluster.local", DnsRecord.A, "10.88.0.2"),
                new Case("10-88-0-3.db.shop.svc.cluster.local", DnsRecord.A, "10.88.0.3"),
                new Case("db-7.db.shop.svc.cluster.local", DnsRecord.A, "NoName"),
                new Case("void.shop.svc.cluster.local", DnsRecord.A, "NoName"),
                new Case("far.shop.svc.cluster.local", DnsRecord.A, "→ www.example.org"),
                new Case(
                        "_http._tcp.web.shop.svc.cluster.local",
                        DnsRecord.SRV,
                        "0 100 80 web.shop.svc.cluster.local + web.shop.svc.cluster.local 10.96.0.9"),
                new Case("_http._udp.web.shop.svc.cluster.local", DnsRecord.SRV, "NoName"),
                new Case("_none._tcp.web.shop.svc.cluster.local", DnsRecord.SRV, "NoName"),
                new Case("_http._tcp.web.shop.svc.cluster.local", DnsRecord.A, "Nothing"),
                new Case(
                        "_sql._tcp.db.shop.svc.cluster.local",
                        DnsRecord.SRV,
                        "0 100 5432 db-0.db.shop.svc.cluster.local 0 100 5433 10-88-0-3.db.shop.svc.cluster.local"
                                + " + db-0.db.shop.svc.cluster.local 10.88.0.2"
                                + " 10-88-0-3.db.shop.svc.cluster.local 10.88.0.3"),
                new Case("9.0.96.10.in-addr.arpa", DnsRecord.PTR, "web.shop.svc.cluster.local"),
                new Case("2.0.88.10.in-addr.arpa", DnsRecord.PTR, "db-0.db.shop.svc.cluster.local"),
                new Case("9.0.88.10.in-addr.arpa", DnsRecord.PTR, "NoName"),
                new Case("8.8.8.8.in-addr.arpa", DnsRecord.PTR, "NotOurs"),
                new Case("10-1-2-3.shop.pod.cluster.local", DnsRecord.A, "10.1.2.3"),
                new Case("10-1-2-300.shop.pod.cluster.local", DnsRecord.A, "NoName"),
                new Case("10-1-2-3.other.pod.cluster.local", DnsRecord.A, "NoName"),
                new Case("shop.svc.cluster.local", DnsRecord.A, "Nothing"),
                new Case("svc.cluster.local", DnsRecord.A, "Nothing"),
                new Case("cluster.local", DnsRecord.A, "Nothing"),
                new Case("a.b.c.d.e.cluster.local", DnsRecord.A, "NoName"),
                new Case("dns-version.cluster.local", DnsRecord.TXT, "1.1.0"),
                new Case("example.org", DnsRecord.A, "NotOurs"),
                new Case("notcluster.local", DnsRecord.A, "NotOurs"),
                new Case("", DnsRecord.A, "NotOurs"));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void answers(Case given) {
        assertThat(told(NAMES.answer(given.name(), given.type()))).isEqualTo(given.want());
    }

    private static String told(DnsAnswer answer) {
        return switch (answer) {
            case DnsAnswer.Own(var records, var additional) ->
                told(records, false) + (additional.isEmpty() ? "" : " + " + told(additional, true));
            case DnsAnswer.Elsewhere(var _, var target) -> "→ " + target;
            default -> answer.getClass().getSimpleName();
        };
    }

    private static String told(List<DnsRecord> records, boolean named) {
        return records.stream()
                .map(record -> (named ? record.name() + " " : "") + data(record))
                .collect(Collectors.joining(" "));
    }

    private static String data(DnsRecord record) {
        var data = ByteBuffer.wrap(record.data());
        return switch (record.type()) {
            case DnsRecord.A ->
                (data.get() & 255) + "." + (data.get() & 255) + "." + (data.get() & 255) + "." + (data.get() & 255);
            case DnsRecord.SRV -> data.getShort() + " " + data.getShort() + " " + data.getShort() + " " + name(data);
            case DnsRecord.PTR -> name(data);
            default -> text(data);
        };
    }

    private static String name(ByteBuffer data) {
        var name = new StringBuilder();
        for (String label = text(data); !label.isEmpty(); label = text(data)) {
            name.append(name.isEmpty() ? "" : ".").append(label);
        }
        return name.toString();
    }

    private static String text(ByteBuffer data) {
        var text = new StringBuilder();
        for (int left = data.get(); left > 0; left--) {
            text.append((char) data.get());
        }
        return text.toString();
    }
}
