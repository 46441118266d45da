package io.insula.controlplane.service;

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
                podsOption().blocks(), servicesOption().blocks(), insideOption().blocks());
    }

    /// What was given, by the options' names without dashes.
    Map<String, String> given() {
        var all = new LinkedHashMap<String, String>();
        podsOption().addGiven(all);
        servicesOption().addGiven(all);
        insideOption().addGiven(all);
        return all;
    }

    /// Takes what was not given from what was given before.
    void completeWith(Map<String, String> before) {
        pods = podsOption().completedWith(before);
        services = servicesOption().completedWith(before);
        inside = insideOption().completedWith(before);
    }

    private BlocksOption podsOption() {
        return new BlocksOption("host-pods", pods);
    }

    private BlocksOption servicesOption() {
        return new BlocksOption("host-services", services);
    }

    private BlocksOption insideOption() {
        return new BlocksOption("host-inside", inside);
    }
}
