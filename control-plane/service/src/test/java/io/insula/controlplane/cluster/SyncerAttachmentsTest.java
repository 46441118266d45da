package io.insula.controlplane.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.insula.syncer.engine.HostRanges;
import java.util.List;
import org.junit.jupiter.api.Test;

class SyncerAttachmentsTest {

    @Test
    void namesTheOptionWhereTheHostNamesNoRangeOfItsServices() {
        assertThat(SyncerAttachments.warning(HostRanges.of(List.of("10.244.0.0/16"), List.of(), List.of())))
                .hasValueSatisfying(warning -> assertThat(warning).contains("--host-services"));
        assertThat(SyncerAttachments.warning(HostRanges.of(List.of(), List.of("10.96.0.0/12"), List.of())))
                .isEmpty();
    }
}
