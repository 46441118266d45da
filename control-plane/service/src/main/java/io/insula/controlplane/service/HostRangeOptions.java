package io.insula.controlplane.service;

import io.insula.rules.network.AddressBlock;
import io.insula.syncer.engine.HostRanges;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The options of `insula up` that say which addresses are the host cluster's, where it does not say so itself.
final class HostRangeOptions {

    @Option(
            names = "--host-pods",
            paramLabel = "CIDR",
            split = ",",
            description = "Where the host cluster's pods are, besides the podCIDRs of its nodes: needed where its"
                    + " network gives pods other addresses (Calico, Cilium, EKS).")
    private @Nullable List<String> pods;

    @Option(
            names = "--host-services",
            paramLabel = "CIDR",
            split = ",",
            description = "Where the host cluster's Services are, if it has no ServiceCIDRs (before Kubernetes 1.31).")
    private @Nullable List<String> services;

    @Option(
            names = "--host-inside",
            paramLabel = "CIDR",
            split = ",",
            description = "Further addresses that no tenant may be led to: machines, management networks.")
    private @Nullable List<String> inside;

    /// @throws OptionException naming the option and what is no block of addresses
    HostRanges ranges() {
        return new HostRanges(
                blocks("--host-pods", pods), blocks("--host-services", services), blocks("--host-inside", inside));
    }

    /// What was given, by the options' names without dashes.
    Map<String, String> given() {
        var all = new LinkedHashMap<String, String>();
        add(all, "host-pods", pods);
        add(all, "host-services", services);
        add(all, "host-inside", inside);
        return all;
    }

    /// Takes what was not given from what was given before.
    void completeWith(Map<String, String> before) {
        pods = pods == null ? split(before.get("host-pods")) : pods;
        services = services == null ? split(before.get("host-services")) : services;
        inside = inside == null ? split(before.get("host-inside")) : inside;
    }

    private static @Nullable List<String> split(@Nullable String cidrs) {
        return cidrs == null ? null : List.of(cidrs.split(",", -1));
    }

    private static void add(Map<String, String> all, String option, @Nullable List<String> cidrs) {
        if (cidrs != null) {
            all.put(option, String.join(",", cidrs));
        }
    }

    private static List<AddressBlock> blocks(String option, @Nullable List<String> cidrs) {
        return (cidrs == null ? List.<String>of() : cidrs)
                .stream()
                        .filter(cidr -> !cidr.isEmpty())
                        .map(
                                cidr -> AddressBlock.parse(cidr)
                                        .orElseThrow(
                                                () -> new OptionException(
                                                        option + ": \"" + cidr
                                                                + "\" (expected: addresses such as 10.244.0.0/16 or fd00:10::/64); nothing was changed")))
                        .toList();
    }
}
