package io.insula.node.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

final class RulesetTest {

    private static final Ruleset OLD = new Ruleset.Builder()
            .map("services", "type ipv4_addr : verdict")
            .set("gone", "type ipv4_addr")
            .add("services", "10.0.0.1", "goto a")
            .add("services", "10.0.0.2", "goto b")
            .add("services", "10.0.0.3", "goto c")
            .chain("a", List.of("accept"))
            .chain("b", List.of("accept"))
            .chain("c", List.of("accept"))
            .build();

    @Test
    void saysNothingWhereNothingDiffers() {
        assertThat(OLD.changesFrom(OLD, "ip t")).isEmpty();
    }

    @Test
    void saysOnlyWhatDiffersInAnOrderThatTheKernelTakes() {
        Ruleset now = new Ruleset.Builder()
                .map("services", "type ipv4_addr : verdict")
                .set("come", "type ipv4_addr")
                .add("come", "10.0.0.9")
                .add("services", "10.0.0.1", "goto a")
                .add("services", "10.0.0.2", "goto d")
                .chain("a", List.of("accept"))
                .chain("b", List.of("drop", "accept"))
                .chain("d", List.of("accept"))
                .build();

        assertThat(now.changesFrom(OLD, "ip t")).isEqualTo("""
                add set ip t come { type ipv4_addr; }
                add chain ip t d
                flush chain ip t b
                add rule ip t b drop
                add rule ip t b accept
                add rule ip t d accept
                add element ip t come { 10.0.0.9 }
                delete element ip t services { 10.0.0.2, 10.0.0.3 }
                add element ip t services { 10.0.0.2 : goto d }
                flush chain ip t c
                delete chain ip t c
                delete set ip t gone
                """);
    }

    @Test
    void replacesWhateverWasThere() {
        assertThat(new Ruleset.Builder()
                        .hooked("in", "type filter hook input priority 0; policy drop", List.of("accept"))
                        .build()
                        .whole("ip t"))
                .isEqualTo("""
                        add table ip t
                        delete table ip t
                        add table ip t
                        add chain ip t in { type filter hook input priority 0; policy drop; }
                        add rule ip t in accept
                        """);
    }

    @Test
    void refusesASetOfAnotherType() {
        Ruleset now = new Ruleset.Builder().set("gone", "type inet_service").build();
        assertThatThrownBy(() -> now.changesFrom(OLD, "ip t")).hasMessageContaining("set gone");
    }
}
