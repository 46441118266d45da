package io.insula.node.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.insula.node.containerd.OwnContainerd;
import io.insula.node.containerd.TestContainerd;
import io.insula.tenantapi.conformance.Conformance;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/// What containers that really ran said of their end.
@ExtendWith(TestContainerd.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class TerminationMessagesTest {

    private final TestNode node;

    TerminationMessagesTest(OwnContainerd containerd) throws Exception {
        node = new TestNode("last-words", containerd, UnaryOperator.identity());
    }

    @AfterAll
    void stop() throws Exception {
        node.close();
    }

    @Test
    @Conformance(
            value =
                    "[sig-node] Container Runtime blackbox test on terminated container should report termination message from"
                            + " log output if TerminationMessagePolicy FallbackToLogsOnError is set [NodeConformance]"
                            + " [Conformance]",
            weaker = Conformance.NOTHING)
    void readsTheLogOfWhatFailedWithoutAWord() {
        assertThat(message("printf DONE; false", "Failed")).isEqualTo("DONE");
    }

    @Test
    void endsItsLinesAsTheContainerDid() {
        assertThat(message("echo one; echo two; printf thr; sleep 1; printf ee; false", "Failed"))
                .isEqualTo("one\ntwo\nthree");
        assertThat(message("echo one; echo; false", "Failed")).isEqualTo("one\n\n");
    }

    @Test
    void keepsTheEndOfALongLog() {
        String said = message("seq 0 199 | sed 's/^/line /'; false", "Failed");
        assertThat(said).startsWith("line 120\n").endsWith("line 199\n");
        assertThat(message("printf '%05000d' 0; printf end; false", "Failed"))
                .hasSize(2048)
                .endsWith("0end");
    }

    @Test
    @Conformance(
            value =
                    "[sig-node] Container Runtime blackbox test on terminated container should report termination message as"
                            + " empty when pod succeeds and TerminationMessagePolicy FallbackToLogsOnError is set"
                            + " [NodeConformance] [Conformance]",
            weaker = Conformance.NOTHING)
    void readsNoLogOfWhatSucceeded() {
        assertThat(message("printf DONE", "Succeeded")).isEmpty();
    }

    @Test
    @Conformance(
            value =
                    "[sig-node] Container Runtime blackbox test on terminated container should report termination message from"
                            + " file when pod succeeds and TerminationMessagePolicy FallbackToLogsOnError is set"
                            + " [NodeConformance] [Conformance]",
            weaker = Conformance.NOTHING)
    void readsTheFileOfWhatSucceeded() {
        assertThat(message("printf OK > /dev/termination-log; printf DONE", "Succeeded"))
                .isEqualTo("OK");
    }

    private String message(String script, String phase) {
        String name = "said-" + Integer.toHexString(script.hashCode());
        node.create(name, """
                {restartPolicy: Never, containers: [{name: main, image: IMAGE, command: [sh, -c, "%s"],
                 terminationMessagePolicy: FallbackToLogsOnError}]}
                """.formatted(script));
        Pod pod = node.awaitPhase(name, phase);
        String said = TestNode.status(pod, "main").getState().getTerminated().getMessage();
        return said == null ? "" : said;
    }
}
