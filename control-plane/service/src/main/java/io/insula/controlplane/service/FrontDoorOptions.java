package io.insula.controlplane.service;

import io.insula.controlplane.home.FrontDoorPlan;
import io.insula.rules.network.AddressBlock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The options of `insula up` for one port that all tenants share.
final class FrontDoorOptions {

    private static final String DOMAIN = "domain";
    private static final String PORT = "front-door";

    /// Source: RFC 1123, host names; a tenant's name and a dot come before it.
    private static final Pattern NAME =
            Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*");

    private static final int LONGEST = 200;

    @Option(
            names = "--front-door",
            paramLabel = "PORT",
            description = "A port at which every tenant is reached, by its name under --domain (default: none; each"
                    + " tenant has a port of its own in any case). Kubeconfigs lead there; 0 closes it again.")
    private @Nullable Integer port;

    @Option(
            names = "--domain",
            paramLabel = "DOMAIN",
            description = "The domain of tenants' names at the front door: with k8s.example.com that of acme is"
                    + " acme.k8s.example.com. All its names must lead here (a wildcard record).")
    private @Nullable String domain;

    @Option(
            names = "--trusted-proxies",
            paramLabel = "CIDR",
            split = ",",
            description = "Whose connections to the front door begin with a PROXY protocol header, which says who asks:"
                    + " load balancers.")
    private @Nullable List<String> proxies;

    /// Empty where there is none.
    ///
    /// @throws OptionException naming what cannot be used
    Optional<FrontDoorPlan> plan() {
        List<AddressBlock> trusted = trustedProxies().blocks();
        String name = domain == null ? "" : domain;
        if (port == null || port == 0) {
            if (!name.isEmpty() && port == null) {
                throw new OptionException("--domain: \"" + name
                        + "\" without --front-door PORT, where its names would be answered; nothing was changed");
            }
            return Optional.empty();
        }
        if (port < 0 || port > 65_535) {
            throw new OptionException("--front-door: " + port + " (expected: 1..65535); nothing was changed");
        }
        if (name.length() > LONGEST || !NAME.matcher(name).matches()) {
            throw new OptionException("--domain: \"" + name + "\" (expected: the domain of tenants' names at"
                    + " --front-door, such as k8s.example.com); nothing was changed");
        }
        return Optional.of(new FrontDoorPlan(name, port, trusted));
    }

    /// What was given, by the options' names without dashes.
    Map<String, String> given() {
        var all = new LinkedHashMap<String, String>();
        if (port != null) {
            all.put(PORT, port.toString());
        }
        if (domain != null) {
            all.put(DOMAIN, domain);
        }
        trustedProxies().addGiven(all);
        return all;
    }

    /// Takes what was not given from what was given before.
    void completeWith(Map<String, String> before) {
        String knownPort = before.get(PORT);
        if (port == null && knownPort != null) {
            port = Integer.valueOf(knownPort);
        }
        domain = domain == null ? before.get(DOMAIN) : domain;
        proxies = trustedProxies().completedWith(before);
    }

    private BlocksOption trustedProxies() {
        return new BlocksOption("trusted-proxies", proxies);
    }
}
