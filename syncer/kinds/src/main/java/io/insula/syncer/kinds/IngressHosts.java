package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.engine.TenantView;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// Who may answer for which name of the outside. A controller of the host's serves all tenants, so a name is one
/// tenant's: the first that claimed it keeps it until none of its Ingresses names it any more. Claims are objects of
/// the host, one for each Ingress (`IngressHosts`), so they outlive a restart and a tenant's sleep. Immutable.
///
/// @param tenant who asks
/// @param claims those of all tenants, as they are now
record IngressHosts(String tenant, List<Claim> claims) {

    private static final String WILDCARD = "*.";

    static IngressHosts of(TenantView view) {
        return new IngressHosts(
                view.names().tenant().value(),
                view.hostObjects(Kinds.INGRESS_HOSTS).stream()
                        .flatMap(claim -> claims(claim).stream())
                        .toList());
    }

    /// One claimed name.
    ///
    /// @param tenant whose it is
    /// @param since as a timestamp is written
    record Claim(String host, String tenant, String since) {

        private static final Comparator<Claim> EARLIER =
                Comparator.comparing(Claim::since).thenComparing(Claim::tenant);

        boolean isBefore(Claim other) {
            return EARLIER.compare(this, other) < 0;
        }
    }

    /// Names that an Ingress asks for, in its order.
    static Set<String> wanted(Ingress ingress) {
        var hosts = new LinkedHashSet<String>();
        for (var rule : ingress.getSpec().getRules()) {
            var host = Objects.requireNonNullElse(rule.getHost(), "");
            if (!host.isEmpty()) {
                hosts.add(host);
            }
        }
        return hosts;
    }

    /// What a claim on the host says; empty for what is none.
    static List<Claim> claims(HasMetadata claim) {
        var claims = new ArrayList<Claim>();
        if (claim instanceof GenericKubernetesResource object
                && object.getAdditionalProperties().get("spec") instanceof Map<?, ?> spec
                && spec.get("hosts") instanceof List<?> hosts) {
            for (var each : hosts) {
                if (each instanceof Map<?, ?> host) {
                    claims.add(new Claim(
                            String.valueOf(host.get("name")),
                            Kinds.annotation(claim, InsulaLabels.TENANT),
                            String.valueOf(host.get("since"))));
                }
            }
        }
        return claims;
    }

    /// The tenant's claim to this name, where it has one and nobody's comes before it.
    Optional<Claim> held(String host) {
        return own(host).filter(own -> others(host).noneMatch(other -> other.isBefore(own)));
    }

    /// Whether another tenant has the name, or a name that has it in it.
    boolean isTaken(String host) {
        return others(host).findAny().isPresent() && held(host).isEmpty();
    }

    private Optional<Claim> own(String host) {
        return claims.stream()
                .filter(claim -> claim.tenant().equals(tenant))
                .filter(claim -> claim.host().equals(host))
                .min(Claim.EARLIER);
    }

    private Stream<Claim> others(String host) {
        return claims.stream()
                .filter(claim -> !claim.tenant().equals(tenant))
                .filter(claim -> overlap(claim.host(), host));
    }

    /// Whether there is a name that both answer for. A wildcard has exactly one label more.
    ///
    /// Source: Kubernetes documentation, "Ingress", "Hostname wildcards".
    static boolean overlap(String one, String other) {
        return one.equals(other) || covers(one, other) || covers(other, one);
    }

    private static boolean covers(String wildcard, String host) {
        int dot = host.indexOf('.');
        return wildcard.startsWith(WILDCARD)
                && !host.startsWith(WILDCARD)
                && dot > 0
                && host.substring(dot).equals(wildcard.substring(1));
    }
}
