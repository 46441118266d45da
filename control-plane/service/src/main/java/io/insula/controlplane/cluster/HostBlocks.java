package io.insula.controlplane.cluster;

import io.fabric8.kubernetes.api.model.networking.v1.ServiceCIDR;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.insula.rules.network.AddressBlock;
import io.insula.syncer.engine.HostRanges;
import io.insula.syncer.engine.NodeAddresses;
import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The addresses of the host cluster: those of its nodes and their pods, of its Services, and what its operator adds.
/// Asked again when what is known is [#OLD]; what cannot be asked stays as it was, and before the first answer all
/// addresses count as the host's. Thread-safe: guarded by `this`.
final class HostBlocks implements Supplier<List<AddressBlock>> {

    static final Duration OLD = Duration.ofSeconds(30);

    private static final Logger LOG = LoggerFactory.getLogger(HostBlocks.class);
    private static final List<AddressBlock> ALL =
            Stream.of("0.0.0.0/0", "::/0").map(AddressBlock::of).toList();

    private final KubernetesClient host;
    private final HostRanges configured;
    private final LongSupplier nanos;
    private List<AddressBlock> known = ALL;
    private long asked;
    private boolean ever;

    HostBlocks(KubernetesClient host, HostRanges configured, LongSupplier nanos) {
        this.host = host;
        this.configured = configured;
        this.nanos = nanos;
    }

    @Override
    public synchronized List<AddressBlock> get() {
        long now = nanos.getAsLong();
        if (!ever || now - asked >= OLD.toNanos()) {
            try {
                known = AddressBlock.merged(Stream.of(configured(), nodes(), services())
                        .flatMap(blocks -> blocks)
                        .toList());
                ever = true;
                asked = now;
            } catch (KubernetesClientException e) {
                LOG.atWarn().setCause(e).log("the host does not say its addresses; what was known of them holds");
            }
        }
        return known;
    }

    private Stream<AddressBlock> configured() {
        return Stream.of(configured.pods(), configured.services(), configured.others())
                .flatMap(List::stream);
    }

    private Stream<AddressBlock> nodes() {
        return host.nodes().list().getItems().stream()
                .flatMap(node -> Stream.concat(
                        NodeAddresses.podBlocks(node).flatMap(cidr -> AddressBlock.parse(cidr).stream()),
                        NodeAddresses.own(node)));
    }

    /// None on a host that is too old to have ServiceCIDRs.
    private Stream<AddressBlock> services() {
        try {
            return host.resources(ServiceCIDR.class).list().getItems().stream()
                    .flatMap(cidr -> cidr.getSpec().getCidrs().stream())
                    .flatMap(cidr -> AddressBlock.parse(cidr).stream());
        } catch (KubernetesClientException e) {
            if (e.getCode() == 404) {
                return Stream.empty();
            }
            throw e;
        }
    }
}
