package io.insula.controlplane.tenant;

import io.insula.controlplane.cluster.TestHost;
import io.insula.controlplane.cluster.UpstreamHost;
import java.nio.file.Path;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/// The same attacks on upstream's own API server, as a host that is not ours has it.
@EnabledIfEnvironmentVariable(named = UpstreamHost.ASSETS, matches = ".+")
class UpstreamHostWallsTest {

    @Nested
    class Pods extends HostWallsTest {
        @Override
        TestHost host(Path folder) {
            return new UpstreamHost(folder);
        }
    }

    @Nested
    class Rights extends HostRightsTest {
        @Override
        TestHost host(Path folder) {
            return new UpstreamHost(folder);
        }
    }

    @Nested
    class Quotas extends HostQuotasTest {
        @Override
        TestHost host(Path folder) {
            return new UpstreamHost(folder);
        }
    }
}
