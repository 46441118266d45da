package io.insula.node.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.insula.node.pod.PodFault;
import io.insula.node.runtime.Sandbox;
import io.insula.node.runtime.SandboxId;
import io.insula.node.runtime.SandboxSpec;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class AnnouncingTest {

    private static final Pod POD = new PodBuilder()
            .withNewMetadata()
            .withName("web")
            .withUid("u1")
            .endMetadata()
            .build();

    @Test
    void isBackOnceTheNetworkLetsThePodAndNotBefore() {
        var told = new CountDownLatch(1);
        var may = new CountDownLatch(1);
        var let = new AtomicBoolean();
        PodAnnouncer slow = (_, address) -> {
            assertThat(address).isEqualTo("10.0.0.2");
            told.countDown();
            wait(may);
            let.set(true);
        };
        try (var announcing = Announcing.start(slow, POD, sandbox(List.of("10.0.0.2")))) {
            // back before it is let: else nobody would count down
            wait(told);
            may.countDown();
            announcing.await();
            assertThat(let).isTrue();
        }
    }

    @Test
    void saysWhyThePodMayNotYet() {
        PodAnnouncer closed = (_, _) -> {
            throw new IllegalStateException("the rules are not in force");
        };
        try (var announcing = Announcing.start(closed, POD, sandbox(List.of("10.0.0.2")))) {
            assertThatThrownBy(announcing::await)
                    .isInstanceOfSatisfying(
                            PodFault.class, fault -> assertThat(fault.reason()).isEqualTo("NetworkNotReady"))
                    .hasMessage("the rules are not in force");
        }
    }

    @Test
    void asksNobodyForThePodsOfTheMachinesNetwork() {
        PodAnnouncer nobody = (_, _) -> {
            throw new IllegalStateException("asked");
        };
        try (var announcing = Announcing.start(nobody, POD, sandbox(List.of()))) {
            announcing.await();
        }
    }

    private static void wait(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Sandbox sandbox(List<String> addresses) {
        return new Sandbox(
                new SandboxId("s"),
                new SandboxSpec.Name("shop", "web", "u1", 0),
                true,
                Instant.EPOCH,
                addresses,
                Map.of(),
                Map.of(),
                "");
    }
}
