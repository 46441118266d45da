package io.insula.tenantapi.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.fake.FakeObjectClient;
import io.insula.tenantapi.ports.ObjectClient;
import java.time.Clock;
import java.time.Instant;
import java.util.HashSet;
import org.junit.jupiter.api.Test;

final class RangeClusterIpsTest {

    private static final GroupVersionResource ADDRESSES =
            new GroupVersionResource("networking.k8s.io", "v1", "ipaddresses");

    private final FakeObjectClient client = new FakeObjectClient();
    private final RangeClusterIps ips = new RangeClusterIps(() -> client, "10.96.0.0/28", Clock.systemUTC());

    @Test
    void givesEveryAddressOnceAndThenNoMore() {
        var given = new HashSet<String>();
        for (int i = 0; i < 14; i++) {
            assertThat(given.add(address(ips.allocate(service("s" + i), "", false))))
                    .isTrue();
        }
        assertThatThrownBy(() -> ips.allocate(service("more"), "", false)).hasMessageContaining("range is full");
    }

    @Test
    void refusesATakenAddress() {
        ips.allocate(service("a"), "10.96.0.10", false);
        assertThatThrownBy(() -> ips.allocate(service("b"), "10.96.0.10", false))
                .hasMessage("Service \"b\" is invalid: spec.clusterIPs: Invalid value: [\"10.96.0.10\"]: failed to"
                        + " allocate IP 10.96.0.10: provided IP is already allocated");
    }

    @Test
    void refusesAnAddressOutOfRange() {
        assertThatThrownBy(() -> ips.allocate(service("a"), "10.97.0.1", false))
                .hasMessageContaining("the provided IP (10.97.0.1) is not in the valid range. The range of valid IPs is"
                        + " 10.96.0.0/28");
    }

    @Test
    void givesAReleasedAddressAgain() {
        ips.allocate(service("a"), "10.96.0.10", false);
        ips.release("default", "other", "10.96.0.10");
        assertThat(client.get(ADDRESSES, "", "10.96.0.10")).isPresent();
        ips.release("default", "a", "10.96.0.10");
        assertThat(address(ips.allocate(service("b"), "10.96.0.10", false))).isEqualTo("10.96.0.10");
    }

    @Test
    void reservesNothingOnDryRun() {
        assertThat(address(ips.allocate(service("a"), "", true))).startsWith("10.96.0.");
        assertThat(client.list(ADDRESSES, "", ObjectClient.Query.ALL).items()).isEmpty();
    }

    @Test
    void keepsTheLowerBandForThoseWhoName() {
        var large = new RangeClusterIps(() -> client, RangeClusterIps.DEFAULT_CIDR, Clock.systemUTC());
        assertThat(large.first()).isEqualTo("10.96.0.1");
        assertThat(Ipv4Range.parse("10.96.0.0/12").reserved()).isEqualTo(256);
        assertThat(Ipv4Range.parse("10.96.0.0/28").reserved()).isZero();
        assertThat(address(large.allocate(service("a"), "", false))).doesNotStartWith("10.96.0.");
    }

    @Test
    void refusesWhatTheRangeCannotGive() {
        var service = FakeObjectClient.yaml(
                "{metadata: {name: a, namespace: d}, spec: {ipFamilyPolicy: RequireDualStack, ipFamilies: [IPv6]}}");

        assertThatThrownBy(() -> ips.allocate(service, "", false))
                .hasMessageContaining("spec.ipFamilyPolicy: Invalid value: \"RequireDualStack\": this cluster is not"
                        + " configured for dual-stack services")
                .hasMessageContaining("spec.ipFamilies[0]: Invalid value: \"IPv6\": not configured on this cluster");
    }

    @Test
    void repairsWhatWasLeftBehind() {
        ips.allocate(service("never-stored"), "10.96.0.10", false);
        var carried = service("carries");
        carried.putObject("spec").put("clusterIP", "10.96.0.11");
        client.create(new GroupVersionResource("", "v1", "services"), "default", carried);
        client.update(
                ADDRESSES, "", "", aged(client.get(ADDRESSES, "", "10.96.0.10").orElseThrow()));

        ips.repair();

        assertThat(client.get(ADDRESSES, "", "10.96.0.10")).isEmpty();
        assertThat(client.get(ADDRESSES, "", "10.96.0.11")).isPresent();
    }

    private static ObjectNode aged(ObjectNode address) {
        ((ObjectNode) address.path("metadata"))
                .put(
                        "creationTimestamp",
                        Instant.now()
                                .minus(RangeClusterIps.GRACE.multipliedBy(2))
                                .toString());
        return address;
    }

    private static String address(ClusterIps.Given given) {
        return given.clusterIps().getFirst();
    }

    private static ObjectNode service(String name) {
        return FakeObjectClient.yaml("{metadata: {name: " + name + ", namespace: default}}");
    }
}
