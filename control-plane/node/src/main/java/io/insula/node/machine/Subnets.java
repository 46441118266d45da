package io.insula.node.machine;

import io.insula.rules.network.AddressBlock;
import java.util.Collection;
import java.util.Optional;

/// Chooses addresses for a node's pods: a /24 of 10.128.0.0–10.191.255.0 that leads nowhere yet. Pure.
public final class Subnets {

    private static final int FIRST = 128;
    private static final int SECONDS = 64;
    private static final int COUNT = SECONDS * 256;

    private Subnets() {}

    /// @param wish the one that is chosen where it is free, and after which the search goes on; any number
    /// @param taken what the machine's routes lead to
    /// @return in CIDR notation; empty where all are taken
    public static Optional<String> free(int wish, Collection<AddressBlock> taken) {
        for (int i = 0; i < COUNT; i++) {
            int number = Math.floorMod(wish + i, COUNT);
            String cidr = "10." + (FIRST + number / 256) + "." + number % 256 + ".0/24";
            AddressBlock block = AddressBlock.of(cidr);
            if (taken.stream().noneMatch(block::overlaps)) {
                return Optional.of(cidr);
            }
        }
        return Optional.empty();
    }
}
