package io.insula.controlplane.service;

import io.insula.rules.network.AddressBlock;
import io.insula.rules.network.ReservedBlocks;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The option of `insula up` that says which private networks the API servers of tenants may dial.
final class EgressOption {

    @Option(
            names = "--egress",
            paramLabel = "CIDR",
            split = ",",
            description = "What tenants' API servers may dial of private networks, for webhooks, aggregated API"
                    + " servers and issuers of tokens, and where the issuer of --oidc-issuer may be (default: nothing private). A wide block opens neither this"
                    + " machine nor the host cluster: for that a block within their addresses is needed.")
    private @Nullable List<String> egress;

    /// @throws OptionException naming what is no block of addresses, or can never be opened
    List<AddressBlock> blocks() {
        List<AddressBlock> blocks = option().blocks();
        blocks.forEach(EgressOption::requireRoutable);
        return blocks;
    }

    private static void requireRoutable(AddressBlock block) {
        if (ReservedBlocks.SIMULATED.covers(block)) {
            throw new OptionException("--egress: \"" + block + "\" (expected: none of " + ReservedBlocks.SIMULATED
                    + ", where simulated nodes and pods have their addresses and nobody answers);"
                    + " nothing was changed");
        }
    }

    void addGiven(Map<String, String> all) {
        option().addGiven(all);
    }

    /// Takes what was not given from what was given before.
    void completeWith(Map<String, String> before) {
        egress = option().completedWith(before);
    }

    private BlocksOption option() {
        return new BlocksOption("egress", egress);
    }
}
