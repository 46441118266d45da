package io.insula.controlplane.service;

import io.insula.rules.network.AddressBlock;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What options of `insula up` that name blocks of addresses have in common, however often and with how many
/// commas they were given.
///
/// @param name without dashes
/// @param cidrs as they were typed; null for an option that was not given
record BlocksOption(String name, @Nullable List<String> cidrs) {

    /// @throws OptionException naming the option and what is no block of addresses
    List<AddressBlock> blocks() {
        return (cidrs == null ? List.<String>of() : cidrs)
                .stream().filter(cidr -> !cidr.isEmpty()).map(this::block).toList();
    }

    private AddressBlock block(String cidr) {
        return AddressBlock.parse(cidr)
                .orElseThrow(() -> new OptionException("--" + name + ": \"" + cidr
                        + "\" (expected: addresses such as 10.20.0.0/16 or fd00:10::/64); nothing was changed"));
    }

    /// Adds what was given, for the home to remember.
    void addGiven(Map<String, String> all) {
        if (cidrs != null) {
            all.put(name, String.join(",", cidrs));
        }
    }

    /// What was given, or else what was given before.
    @Nullable
    List<String> completedWith(Map<String, String> before) {
        String known = before.get(name);
        return cidrs == null && known != null ? List.of(known.split(",", -1)) : cidrs;
    }
}
