package io.insula.syncer.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FairQueueTest {

    private static final TenantId STORM = new TenantId("storm");
    private static final TenantId QUIET = new TenantId("quiet");

    private final FairQueue queue = new FairQueue();

    @Test
    void servesAQuietTenantInItsTurnDuringAStorm() throws InterruptedException {
        queue.open(STORM, 1);
        queue.open(QUIET, 1);
        IntStream.range(0, 10_000).forEach(i -> queue.add(key(STORM, i)));
        queue.add(key(QUIET, 0));

        assertThat(take(3)).contains(key(QUIET, 0));
    }

    @Test
    void sharesByWeight() throws InterruptedException {
        queue.open(STORM, 3);
        queue.open(QUIET, 1);
        IntStream.range(0, 100).forEach(i -> queue.add(key(STORM, i)));
        IntStream.range(0, 100).forEach(i -> queue.add(key(QUIET, i)));

        assertThat(take(40).stream().filter(key -> key.tenant().equals(STORM))).hasSize(30);
    }

    @Test
    void holdsAKeyOnceHoweverOftenItChanges() throws InterruptedException {
        queue.open(STORM, 1);
        IntStream.range(0, 1000).forEach(_ -> queue.add(key(STORM, 7)));

        assertThat(queue.depth(STORM)).isEqualTo(1);
        assertThat(take(1)).containsExactly(key(STORM, 7));
        assertThat(queue.depth(STORM)).isZero();
    }

    @Test
    void handsOutAKeyAgainOnlyWhenTheFirstIsDone() throws InterruptedException {
        queue.open(STORM, 1);
        queue.add(key(STORM, 1));
        take(1);
        queue.add(key(STORM, 1));
        assertThat(queue.depth(STORM)).isZero();

        queue.done(key(STORM, 1));

        assertThat(take(1)).containsExactly(key(STORM, 1));
    }

    @Test
    void forgetsADroppedTenant() throws InterruptedException {
        queue.open(STORM, 1);
        queue.open(QUIET, 1);
        queue.add(key(STORM, 1));
        queue.drop(STORM);
        queue.add(key(STORM, 2));
        queue.add(key(QUIET, 1));

        assertThat(take(1)).containsExactly(key(QUIET, 1));
        queue.close();
        assertThat(queue.take()).isEmpty();
    }

    private List<SyncKey> take(int count) throws InterruptedException {
        var taken = new ArrayList<SyncKey>();
        for (int i = 0; i < count; i++) {
            taken.add(queue.take().orElseThrow());
        }
        return taken;
    }

    private static SyncKey key(TenantId tenant, int i) {
        return new SyncKey(tenant, "Pod", "n", "p" + i);
    }
}
