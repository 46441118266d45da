package io.insula.controlplane.tenant;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.LimitRangeItem;
import io.fabric8.kubernetes.api.model.Quantity;
import io.insula.isolation.ProfileSettings;
import io.insula.syncer.kinds.Beans;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// The one LimitRange that all profiles of a tenant share.
class HostLimitsTest {

    private static final ProfileSettings SMALL = profile(
            "small", "runc", Map.of("container", Map.of("min", Map.of("cpu", "50m"), "max", Map.of("cpu", "1"))));
    private static final ProfileSettings BIG = profile(
            "big",
            "kata",
            Map.of(
                    "container",
                    Map.of("min", Map.of("cpu", "10m"), "max", Map.of("cpu", "2", "memory", "1Gi")),
                    "pod",
                    Map.of("max", Map.of("memory", "4Gi"))));

    @Test
    void isOfTheOneProfile() {
        var items = HostLimits.of(List.of(BIG));

        assertThat(items).extracting(LimitRangeItem::getType).containsExactly("Container", "Pod");
        assertThat(items.getFirst().getMax()).isEqualTo(amounts("cpu", "2", "memory", "1Gi"));
        assertThat(items.getFirst().getMin()).isEqualTo(amounts("cpu", "10m"));
        assertThat(items.getFirst().getDefault()).isEqualTo(amounts("cpu", "2", "memory", "1Gi"));
        assertThat(items.getFirst().getDefaultRequest()).isEqualTo(amounts("cpu", "2", "memory", "1Gi"));
        assertThat(items.getLast().getMax()).as("with the sandbox's own 160Mi").isEqualTo(amounts("memory", "4256Mi"));
        assertThat(items.getLast().getDefault()).isEmpty();
    }

    @Test
    void isAsLooseAsTheLoosestProfile() {
        var items = HostLimits.of(List.of(SMALL, BIG));

        assertThat(items).hasSize(1);
        assertThat(items.getFirst().getMax()).as("small bounds no memory").isEqualTo(amounts("cpu", "2"));
        assertThat(items.getFirst().getMin()).isEqualTo(amounts("cpu", "10m"));
    }

    @Test
    void isNoneWhereAProfileHasNone() {
        assertThat(HostLimits.of(List.of(BIG, profile("free", "runc", Map.of()))))
                .isEmpty();
        assertThat(HostLimits.of(List.of(BIG, profile("vm", "kubevirt", Map.of()))))
                .as("KubeVirt's pods have limits of KubeVirt's")
                .isEmpty();
    }

    private static Map<String, Quantity> amounts(String... namesAndAmounts) {
        var all = new java.util.HashMap<String, Quantity>();
        for (int i = 0; i < namesAndAmounts.length; i += 2) {
            all.put(namesAndAmounts[i], new Quantity(namesAndAmounts[i + 1]));
        }
        return all;
    }

    private static ProfileSettings profile(String name, String sandbox, Map<String, ?> range) {
        return Beans.profiles().settings(name, Map.of("sandbox", sandbox, "limitRange", range));
    }
}
