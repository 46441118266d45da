package io.insula.controlplane.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.insula.controlplane.pki.ClusterPki;
import io.insula.controlplane.pki.IssuedKubeconfig;
import io.insula.controlplane.pki.Kubeconfig;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RenewedAccessTest {

    private static final class Watch extends Clock {
        private Instant now = Instant.parse("2026-11-29T10:00:00Z");

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
            return now;
        }
    }

    @TempDir
    private Path folder;

    private final Watch clock = new Watch();
    private boolean isAway;
    private RenewedAccess access = new RenewedAccess(this::issue, clock);
    private int issued;

    @BeforeEach
    void begin() {
        access = new RenewedAccess(this::issue, clock);
    }

    @Test
    void staysTheSameForHalfOfItsLife() {
        var first = access.get();
        pass(Duration.ofHours(12).minusMinutes(1));
        assertThat(access.get()).isSameAs(first);

        pass(Duration.ofMinutes(2));
        var second = access.get();
        assertThat(second.getClientCertData()).isNotEqualTo(first.getClientCertData());
        pass(Duration.ofHours(11));
        assertThat(access.get()).isSameAs(second);
        assertThat(issued).isEqualTo(2);
    }

    @Test
    void goesOnWithTheLastOneWhileItIsGoodAndNoneIsIssued() {
        var first = access.get();
        isAway = true;
        pass(Duration.ofHours(20));
        assertThat(access.get()).isSameAs(first);

        isAway = false;
        assertThat(access.get()).isNotSameAs(first);

        isAway = true;
        pass(Duration.ofHours(25));
        assertThatThrownBy(access::get).isInstanceOf(IllegalStateException.class);
    }

    private void pass(Duration time) {
        clock.now = clock.now.plus(time);
    }

    private IssuedKubeconfig issue() {
        if (isAway) {
            throw new IllegalStateException("the tenant does not run here");
        }
        issued++;
        var pki = ClusterPki.open(folder, "acme", List.of(), clock);
        return new Kubeconfig(
                        "acme",
                        "https://127.0.0.1:1",
                        pki.authority().certificatePem(),
                        ClusterPki.SYNCER,
                        pki.issueUser(ClusterPki.SYNCER, List.of(ClusterPki.SYNCER), Duration.ofHours(24)))
                .issued();
    }
}
