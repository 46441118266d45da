package io.insula.controlplane.service;

import io.insula.rules.network.AddressBlock;
import io.insula.rules.network.ReservedBlocks;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The option of `insula up` that says which private networks the API servers of tenants may dial.
final class EgressOption {

    private static final String NAME = "egress";

    @Option(
            names = "--egress",
            paramLabel = "CIDR",
            split = ",",
            description = "What tenants' API servers may dial of private networks, for webhooks, aggregated API"
                    + " servers and issuers of tokens (default: nothing private). A wide block opens neither this"
                    + " machine nor the host cluster: for that a block within their addresses is needed.")
    private @Nullable List<String> egress;

    /// @throws OptionException naming what is no block of addresses, or can never be opened
    List<AddressBlock> blocks() {
        return (egress == null ? List.<String>of() : egress)
                .stream()
                        .filter(cidr -> !cidr.isEmpty())
                        .map(EgressOption::block)
                        .toList();
    }

    private static AddressBlock block(String cidr) {
        AddressBlock block = AddressBlock.parse(cidr)
                .orElseThrow(() -> new OptionException("--egress: \"" + cidr
                        + "\" (expected: addresses such as 10.20.0.0/16 or fd00:10::/64); nothing was changed"));
        if (ReservedBlocks.SIMULATED.covers(block)) {
            throw new OptionException("--egress: \"" + cidr + "\" (expected: none of " + ReservedBlocks.SIMULATED
                    + ", where simulated nodes and pods have their addresses and nobody answers);"
                    + " nothing was changed");
        }
        return block;
    }

    void addGiven(Map<String, String> all) {
        if (egress != null) {
            all.put(NAME, String.join(",", egress));
        }
    }

    /// Takes what was not given from what was given before.
    void completeWith(Map<String, String> before) {
        String known = before.get(NAME);
        if (egress == null && known != null) {
            egress = List.of(known.split(",", -1));
        }
    }
}
