package io.insula.tenantapi.controllers.network;

import static io.insula.tenantapi.controllers.RealCluster.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.conformance.Conformance;
import io.insula.tenantapi.controllers.RealCluster;
import io.insula.tenantapi.controllers.Resources;
import io.insula.tenantapi.view.Condition;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ServiceCidrsTest {

    private final AtomicReference<Duration> ahead = new AtomicReference<>(Duration.ZERO);
    private RealCluster cluster;

    @BeforeAll
    void start() {
        cluster = RealCluster.withoutNodes(new Clock() {
            @Override
            public ZoneId getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
                return this;
            }

            @Override
            public Instant instant() {
                return Instant.now().plus(ahead.get());
            }
        });
    }

    @AfterAll
    void stop() {
        cluster.close();
    }

    @Test
    @Conformance(
            value =
                    "[sig-network] ServiceCIDR and IPAddress API should support ServiceCIDR API operations [Conformance]",
            weaker = Conformance.NOTHING)
    void showsTheDefaultRange() {
        await("its readiness", () -> isReady("kubernetes", "True"));
        assertThat(cluster.at(Resources.SERVICE_CIDRS, "", "kubernetes", "/spec/cidrs/0")
                        .asText())
                .isEqualTo("10.96.0.0/12");
        assertThat(cluster.list(Resources.SERVICE_CIDRS, "")).isNotEmpty();
    }

    @Test
    void keepsARangeWhileAnAddressIsOfNoOther() {
        String namespace = cluster.namespace();
        cidr("more", "10.200.0.0/24");
        await("its readiness", () -> isReady("more", "True"));
        cluster.create(Resources.SERVICES, namespace, """
                metadata: {name: s}
                spec: {clusterIP: 10.200.0.7, ports: [{port: 80}]}
                """);
        cluster.delete(Resources.SERVICE_CIDRS, "", "more");
        await("the reason", () -> isReady("more", "False"));
        assertThat(Condition.of(cluster.get(Resources.SERVICE_CIDRS, "", "more"), "Ready")
                        .reason())
                .isEqualTo("Terminating");
        assertThatThrownBy(() -> cluster.create(Resources.SERVICES, namespace, """
                metadata: {name: late}
                spec: {clusterIP: 10.200.0.8, ports: [{port: 80}]}
                """))
                .hasMessageContaining("not in the valid range");

        ahead.set(Duration.ofMinutes(1));
        cluster.delete(Resources.SERVICES, namespace, "s");

        await("its end", () -> !cluster.has(Resources.SERVICE_CIDRS, "", "more"));
    }

    @Test
    void letsARangeGoThatLiesInAnother() {
        cidr("within", "10.97.0.0/16");
        await(
                "its finalizer",
                () -> Meta.finalizers(cluster.get(Resources.SERVICE_CIDRS, "", "within"))
                        .contains("networking.k8s.io/service-cidr-finalizer"));
        cluster.delete(Resources.SERVICE_CIDRS, "", "within");
        await("its end", () -> !cluster.has(Resources.SERVICE_CIDRS, "", "within"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            []                                        | at least one CIDR required
            [10.0.0.0]                                | must be a valid CIDR value
            [10.0.0.0/8, 11.0.0.0/8]                  | may specify no more than one IP for each IP family
            [10.0.0.0/8, '2001:db8::/64', 11.0.0.0/8] | may only hold up to 2 values
            """)
    void refusesWhatIsNoRange(String cidrs, String message) {
        assertThatThrownBy(() -> cluster.create(
                        Resources.SERVICE_CIDRS, "", "{metadata: {name: bad}, spec: {cidrs: " + cidrs + "}}"))
                .hasMessageContaining(message);
    }

    @Test
    void takesASecondFamilyAndNoOtherChange() {
        cidr("dual", "10.98.0.0/24");
        assertThatThrownBy(
                        () -> cluster.patch(Resources.SERVICE_CIDRS, "", "dual", "{spec: {cidrs: ['10.99.0.0/24']}}"))
                .hasMessageContaining("spec.cidrs[0]: Invalid value: \"10.99.0.0/24\": field is immutable");
        cluster.patch(Resources.SERVICE_CIDRS, "", "dual", "{spec: {cidrs: ['10.98.0.0/24', '2001:db8::/64']}}");
        assertThatThrownBy(
                        () -> cluster.patch(Resources.SERVICE_CIDRS, "", "dual", "{spec: {cidrs: ['10.98.0.0/24']}}"))
                .hasMessageContaining("field is immutable");
    }

    private void cidr(String name, String cidr) {
        cluster.create(
                Resources.SERVICE_CIDRS, "", "{metadata: {name: " + name + "}, spec: {cidrs: ['" + cidr + "']}}");
    }

    private boolean isReady(String name, String status) {
        return cluster.find(Resources.SERVICE_CIDRS, "", name)
                .filter(cidr -> Condition.of(cidr, "Ready").status().equals(status))
                .isPresent();
    }
}
