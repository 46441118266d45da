package io.insula.node.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.insula.node.agent.LastKnown.Question;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LastKnownTest {

    private static final Question<String> ONE = new Question<>(String.class, "Secret", "shop", "one");
    private static final Question<String> OTHER = new Question<>(String.class, "Secret", "bank", "one");

    private final LastKnown known = new LastKnown();

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 500, 503})
    void answersForAServerThatSaysNothing(int code) {
        assertThat(known.ask(ONE, () -> "first")).isEqualTo("first");
        assertThat(known.ask(ONE, () -> "second")).isEqualTo("second");
        assertThat(known.ask(ONE, () -> fail(code))).isEqualTo("second");
        assertThatThrownBy(() -> known.ask(OTHER, () -> fail(code)))
                .as("what was never said, of a name that another namespace has, too")
                .isInstanceOf(KubernetesClientException.class);
    }

    /// Who may not read it any more has to be told so.
    @ParameterizedTest
    @ValueSource(ints = {401, 403, 404, 410})
    void takesARefusalForAnAnswer(int code) {
        assertThat(known.ask(ONE, () -> "first")).isEqualTo("first");
        assertThatThrownBy(() -> known.ask(ONE, () -> fail(code))).isInstanceOf(KubernetesClientException.class);
    }

    @Test
    void forgetsWhatWasAskedForLongestAgo() {
        known.ask(ONE, () -> "first");
        for (int i = 0; i < 1000; i++) {
            known.ask(new Question<>(String.class, "Secret", "shop", "n" + i), () -> "other");
        }
        assertThatThrownBy(() -> known.ask(ONE, () -> fail(0))).isInstanceOf(KubernetesClientException.class);
    }

    private static String fail(int code) {
        throw new KubernetesClientException("", code, null);
    }
}
