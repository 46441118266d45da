package io.insula.tenantapi.storage.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SpaceNoticeTest {

    private final SpaceNotice notice = new SpaceNotice();

    @Test
    void knowsWhatWhoeverWritesAndWhoeverAsksHasLearned() {
        assertThat(notice.isExceeded()).isFalse();
        notice.refused();
        assertThat(notice.isExceeded()).isTrue();
        notice.told(false, notice.refusals());
        assertThat(notice.isExceeded()).isFalse();
        notice.told(true, notice.refusals());
        assertThat(notice.isExceeded()).isTrue();
    }

    /// etcd answered that all is well, then refused a write, and only then the answer was read.
    @Test
    void believesNoAnswerThatIsOlderThanARefusal() {
        long before = notice.refusals();
        notice.refused();

        notice.told(false, before);

        assertThat(notice.isExceeded()).isTrue();
    }
}
