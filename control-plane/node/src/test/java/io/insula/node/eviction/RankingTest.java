package io.insula.node.eviction;

import static org.assertj.core.api.Assertions.assertThat;

import io.insula.node.eviction.Observed.Left;
import io.insula.node.eviction.PodUse.Part;
import io.insula.node.eviction.Thresholds.Threshold;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RankingTest {

    /// Pods as `name:priority:used/requested`, or `name:priority:?` for one that cannot be measured.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // signal | pods | who goes first, next …
                "MEMORY|a:0:10/0 b:0:20/0 c:0:15/0|b c a",
                "MEMORY|a:0:10/20 b:0:5/0|b a",
                "MEMORY|a:0:100/200 b:9:5/0|b a",
                "MEMORY|a:5:100/0 b:0:5/0 c:-1:1/0|c b a",
                "MEMORY|a:0:100/90 b:0:50/10|b a",
                "MEMORY|a:0:100/0 b:0:?|b a",
                "MEMORY|a:0:100/0 b:1:?|a b",
                "MEMORY|a:0:10/10 b:0:10/20 c:0:1/0|c a b",
                "NODE_FILES|a:0:10/0 b:0:20/30 c:0:5/0|a c b",
                "IMAGE_INODES|a:1:10/0 b:0:20/0|b a",
                "PROCESSES|a:1:10/0 b:0:2/0 c:0:20/0|c b a"
            })
    void saysWhoGivesWayFirst(Signal signal, String pods, String want) {
        List<PodUse> uses = Stream.of(pods.split(" ", -1))
                .map(pod -> use(signal, pod.split("[:/]", -1)))
                .toList();
        assertThat(Ranking.of(signal, uses).stream().map(PodUse::uid)).containsExactly(want.split(" ", -1));
    }

    @Test
    void saysWhatPresses() {
        var observed = new Observed(Map.of(
                Signal.MEMORY, new Left(99L << 20, 1L << 30),
                Signal.NODE_FILES, new Left(11, 100),
                Signal.IMAGE_FILES, new Left(1400, 10_000),
                Signal.PROCESSES, new Left(0, 32_768)));
        assertThat(Thresholds.USUAL.pressing(observed)).containsExactly(Signal.MEMORY, Signal.IMAGE_FILES);
        assertThat(new Thresholds(Map.of(Signal.PROCESSES, new Threshold(1000, 0))).pressing(observed))
                .containsExactly(Signal.PROCESSES);
        assertThat(Thresholds.USUAL.pressing(new Observed(Map.of()))).isEmpty();
    }

    @Test
    void saysItInTheKubeletsWords() {
        var pod = new PodUse(
                "u",
                0,
                true,
                List.of(new Part("greedy", 200 << 20, 0, 0, 0), new Part("modest", 1 << 20, 2 << 20, 0, 0)),
                0,
                0);
        var observed = new Observed(Map.of(Signal.MEMORY, new Left(50 << 20, 1L << 30)));
        assertThat(Words.low(Signal.MEMORY, Thresholds.USUAL, observed, pod))
                .isEqualTo("The node was low on resource: memory. Threshold quantity: 100Mi, available: 51200Ki. "
                        + "Container greedy was using 204800Ki, request is 0, has larger consumption of memory. ");
        assertThat(Words.volume("scratch", 1 << 20))
                .isEqualTo("Usage of EmptyDir volume \"scratch\" exceeds the limit \"1Mi\". ");
    }

    private static PodUse use(Signal signal, String... pod) {
        boolean isKnown = !pod[2].equals("?");
        long used = isKnown ? Long.parseLong(pod[2]) : 0;
        long asked = isKnown ? Long.parseLong(pod[3]) : 0;
        boolean isMemory = signal == Signal.MEMORY;
        var part = new Part("c", isMemory ? used : 0, isMemory ? asked : 0, 0, isMemory ? 0 : asked);
        return new PodUse(pod[0], Integer.parseInt(pod[1]), isKnown, List.of(part), isMemory ? 0 : used, used);
    }
}
