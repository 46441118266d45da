package io.insula.tenantapi.egress;

import io.insula.rules.network.AddressBlock;
import io.insula.rules.network.IpAddress;
import io.insula.rules.network.ReservedBlocks;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// Which addresses a tenant's API server may dial. Immutable but for what it asks; thread-safe.
///
/// | addresses | may be dialled |
/// |---|---|
/// | of simulated nodes and pods (`198.18.0.0/15`) | never: nobody is there |
/// | loopback, link-local, metadata services, groups and other reserved ones | where a block within theirs was opened |
/// | of the machine that the server runs on | where that single address was opened |
/// | inside the host cluster | where a block within was opened, or by a tenant to its own running pod |
/// | private ones | where opened, or by a tenant to its own running pod |
/// | all others | yes |
///
/// So a wide block (`10.0.0.0/8`, even `0.0.0.0/0`) opens private networks, and never what stands above them in this
/// table. An IPv6 address that carries one of IPv4 is judged as both.
///
/// Source: RFC 1918, RFC 4193, RFC 6598 (private and shared ranges).
public final class EgressPolicy {

    /// Nothing has been opened.
    public static final EgressPolicy CLOSED = new EgressPolicy(List.of(), List::of, ThisMachine::has);

    private static final List<AddressBlock> PRIVATE = Stream.of(
                    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
            .map(AddressBlock::of)
            .toList();

    private final List<AddressBlock> opened;
    private final Supplier<List<AddressBlock>> inside;
    private final Predicate<IpAddress> machine;

    EgressPolicy(List<AddressBlock> opened, Supplier<List<AddressBlock>> inside, Predicate<IpAddress> machine) {
        this.opened = List.copyOf(opened);
        this.inside = inside;
        this.machine = machine;
    }

    /// @param blocks instead of those opened before
    public EgressPolicy opening(List<AddressBlock> blocks) {
        return new EgressPolicy(blocks, inside, machine);
    }

    /// @param blocks the host cluster's own: its pods, Services and machines. Asked at each dial: answers from memory
    public EgressPolicy guarding(Supplier<List<AddressBlock>> blocks) {
        return new EgressPolicy(opened, blocks, machine);
    }

    /// Why an address may not be dialled; empty where it may.
    ///
    /// @param running whether it is known to be that of a pod that runs for this very tenant
    Optional<String> refusal(IpAddress address, boolean running) {
        IpAddress plain = address.unmapped();
        var whole = AddressBlock.of(plain);
        return Stream.concat(Stream.of(whole), named(whole) ? Stream.empty() : whole.embedded().stream())
                .flatMap(each -> refusal(each, running).stream())
                .findFirst();
    }

    private Optional<String> refusal(AddressBlock address, boolean running) {
        if (ReservedBlocks.SIMULATED.overlaps(address)) {
            return Optional.of(
                    "nobody answers at the addresses of simulated nodes and pods (" + ReservedBlocks.SIMULATED + ")");
        }
        Optional<AddressBlock> reserved = covering(ReservedBlocks.ALL, address);
        if (reserved.isPresent()) {
            return opensWithin(reserved.get(), address)
                    ? Optional.empty()
                    : Optional.of("addresses of " + reserved.get() + " belong to its own machine, link or cloud");
        }
        boolean single = address.prefix() == address.width();
        if (single && machine.test(new IpAddress(address.first(), address.width())) && !opensWithin(address, address)) {
            return Optional.of("it is an address of its own machine");
        }
        if (running) {
            return Optional.empty();
        }
        Optional<AddressBlock> host = covering(inside.get(), address);
        if (host.isPresent() && !opensWithin(host.get(), address)) {
            return Optional.of("addresses of " + host.get() + " are inside the host cluster");
        }
        return covering(PRIVATE, address)
                .filter(_ -> opened.stream().noneMatch(open -> open.covers(address)))
                .map(block -> "addresses of " + block
                        + " are private, and the superuser has not opened this one (up --egress)");
    }

    /// Whether it is opened though it is reserved, so that what it may carry does not matter.
    private boolean named(AddressBlock address) {
        return covering(ReservedBlocks.ALL, address)
                .filter(block -> opensWithin(block, address))
                .isPresent();
    }

    private boolean opensWithin(AddressBlock block, AddressBlock address) {
        return opened.stream().anyMatch(open -> block.covers(open) && open.covers(address));
    }

    private static Optional<AddressBlock> covering(List<AddressBlock> blocks, AddressBlock address) {
        return blocks.stream().filter(block -> block.overlaps(address)).findFirst();
    }
}
