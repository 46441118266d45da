package io.insula.controlplane.cli;

import io.insula.syncer.engine.AddressBlock;
import io.insula.syncer.engine.HostRanges;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/// The options of `insula up` that say which addresses are the host cluster's, where it does not say so itself.
final class HostRangeOptions {

    @Option(
            names = "--host-pods",
            paramLabel = "CIDR",
            split = ",",
            description = "Where the host cluster's pods are, besides the podCIDRs of its nodes: needed where its"
                    + " network gives pods other addresses (Calico, Cilium, EKS).")
    private List<String> pods = new ArrayList<>();

    @Option(
            names = "--host-services",
            paramLabel = "CIDR",
            split = ",",
            description = "Where the host cluster's Services are, if it has no ServiceCIDRs (before Kubernetes 1.31).")
    private List<String> services = new ArrayList<>();

    @Option(
            names = "--host-inside",
            paramLabel = "CIDR",
            split = ",",
            description = "Further addresses that no tenant may be led to: machines, management networks.")
    private List<String> inside = new ArrayList<>();

    /// @throws CommandException naming the option and what is no block of addresses
    HostRanges ranges() {
        return new HostRanges(
                blocks("--host-pods", pods), blocks("--host-services", services), blocks("--host-inside", inside));
    }

    List<String> asArguments() {
        var all = new ArrayList<String>();
        add(all, "--host-pods", pods);
        add(all, "--host-services", services);
        add(all, "--host-inside", inside);
        return all;
    }

    private static void add(List<String> all, String option, List<String> cidrs) {
        if (!cidrs.isEmpty()) {
            all.addAll(List.of(option, String.join(",", cidrs)));
        }
    }

    private static List<AddressBlock> blocks(String option, List<String> cidrs) {
        return cidrs.stream()
                .map(
                        cidr -> AddressBlock.parse(cidr)
                                .orElseThrow(
                                        () -> new CommandException(
                                                option + ": \"" + cidr
                                                        + "\" (expected: addresses such as 10.244.0.0/16 or fd00:10::/64); nothing was changed")))
                .toList();
    }
}
