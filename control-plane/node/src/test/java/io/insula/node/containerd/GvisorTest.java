package io.insula.node.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import io.insula.node.runtime.ContainerRuntime;
import io.insula.node.runtime.ContainerRuntimeContract;
import io.insula.node.runtime.TestSandbox;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Containers under gVisor, in a real containerd.
@ExtendWith(TestContainerd.class)
final class GvisorTest implements ContainerRuntimeContract {

    private final OwnContainerd containerd;

    GvisorTest(OwnContainerd containerd) {
        this.containerd = containerd;
    }

    @Override
    public ContainerRuntime runtime() {
        return containerd.runtime();
    }

    @Override
    public String handler() {
        return Handlers.RUNSC;
    }

    @Override
    public String image() {
        return TestContainerd.IMAGE;
    }

    @Test
    void saysHowItRuns() {
        assertThat(containerd.handlers()).contains(Handlers.RUNC, Handlers.RUNSC);
        assertThat(containerd.gvisor().description()).startsWith("gVisor by ");
    }

    /// The kernel that a container sees is gVisor's, whatever the machine's is called.
    @Test
    void givesAContainerAKernelOfItsOwn(@TempDir Path folder) {
        try (TestSandbox gvisor = TestSandbox.run(runtime(), handler(), image(), folder);
                TestSandbox runc = TestSandbox.run(runtime(), Handlers.RUNC, image(), folder)) {
            assertThat(gvisor.output(gvisor.shell("main", "dmesg; uname -r")))
                    .contains("Starting gVisor")
                    .contains("F 4.4.0\n");
            assertThat(runc.output(runc.shell("main", "uname -r")))
                    .contains("F " + System.getProperty("os.version") + "\n");
        }
    }

    /// What the node says of it is so: an answer that comes late is read, or the read fails at once.
    @Test
    void saysWhetherReadsOfSocketsWait(@TempDir Path folder) {
        boolean readsWait = !(containerd.gvisor() instanceof Gvisor.RuncShim shim) || shim.readsWait();
        try (TestSandbox sandbox = TestSandbox.run(runtime(), handler(), image(), folder)) {
            String said = sandbox.output(sandbox.shell("main", """
                    nc -ll -p 8080 -e sh -c 'sleep 2; echo HTTP/1.0 200 OK; echo; echo late' &
                    said=refused
                    while echo "$said" | grep -q refused; do
                      said=$(wget -q -O- http://127.0.0.1:8080/ 2>&1)
                    done
                    echo "$said"
                    """));

            assertThat(said).contains(readsWait ? "late" : "Resource temporarily unavailable");
            assertThat(containerd.gvisor().summary().contains("fail instead of wait"))
                    .isEqualTo(!readsWait);
        }
    }

    /// Whoever's network stack it is, it sees the pod's devices and no other.
    @Test
    void seesOnlyThePodsOwnAddress(@TempDir Path folder) {
        try (TestSandbox sandbox = TestSandbox.run(runtime(), handler(), image(), folder)) {
            String address =
                    runtime().sandbox(sandbox.id()).orElseThrow().addresses().getFirst();
            String seen = sandbox.output(sandbox.shell("main", "ip -o address | grep -v ' lo '; ls /sys/class/net"));

            assertThat(seen).contains(address).doesNotContain("ins-t");
        }
    }
}
