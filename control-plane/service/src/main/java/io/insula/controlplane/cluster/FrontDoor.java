package io.insula.controlplane.cluster;

import io.insula.controlplane.home.FrontDoorPlan;
import io.insula.controlplane.pki.ClusterPki;
import io.insula.controlplane.pki.KeyAndCertificate;
import io.insula.controlplane.pki.Strangers;
import io.insula.tenantapi.http.HttpHandler;
import io.insula.tenantapi.http.HttpRefusal;
import io.insula.tenantapi.http.HttpRequest;
import io.insula.tenantapi.http.HttpResponder;
import io.insula.tenantapi.http.HttpSite;
import io.insula.tenantapi.http.ServerTls;
import io.insula.tenantapi.http.SharedPort;
import io.insula.tenantapi.http.SharedPort.Named;
import io.netty.channel.EventLoopGroup;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// The port that all tenants share. A name that is no tenant's is answered as a tenant's is: with a certificate
/// for that name, by an authority of such a name, and with 401 to whatever is asked. The work for it is done
/// for tenants' names, too, so that the time tells nothing. Thread-safe.
final class FrontDoor implements AutoCloseable {

    /// Names of nobody's of which the certificates are kept.
    private static final int KEPT = 512;

    /// Of one tenant, and of all who ask for nobody; a tenth and a fortieth of what the port takes.
    private static final int CONNECTIONS = 2000;

    private static final int STRANGERS_CONNECTIONS = 500;

    private final FrontDoorPlan plan;
    private final Duration drain;
    private final Map<String, Guest> guests = new ConcurrentHashMap<>();
    private final Map<String, Named> strangers = new LinkedHashMap<>(KEPT, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Named> eldest) {
            return size() > KEPT;
        }
    };
    private final StrangerTrail trail;
    private final Strangers certificates;
    private final HttpSite nobody;
    private final SharedPort port;

    /// @throws IllegalStateException when the port is taken
    FrontDoor(
            FrontDoorPlan plan,
            String listenAddress,
            EventLoopGroup loops,
            Duration drain,
            StrangerTrail trail,
            Clock clock) {
        this.plan = plan;
        this.drain = drain;
        this.trail = trail;
        certificates = new Strangers(clock);
        nobody = HttpSite.of(
                tls(certificates.of("nobody", plan.domain())), drain, STRANGERS_CONNECTIONS, new Nobody(trail));
        try {
            port = SharedPort.start(listenAddress, plan.port(), loops, plan::isProxy, this::named);
        } catch (RuntimeException e) {
            nobody.close();
            throw e;
        }
    }

    /// Where what is refused goes that reaches no API server.
    StrangerTrail trail() {
        return trail;
    }

    /// Behind a name of nobody's.
    private record Nobody(StrangerTrail trail) implements HttpHandler {
        @Override
        public void handle(HttpRequest request, HttpResponder responder) {
            refused(new HttpRefusal(request, 401, "Unauthorized"));
            Doorkeeper.NOBODY.handle(request, responder);
        }

        @Override
        public void refused(HttpRefusal refusal) {
            trail.record(refusal);
        }
    }

    /// Lets a tenant be reached until the guest is closed.
    Guest admit(String tenant, ClusterPki pki, HttpHandler inside) {
        var guest = new Guest(tenant, pki, inside);
        guests.put(tenant, guest);
        return guest;
    }

    /// What answers by a name, in lower case.
    private Named named(String name) {
        Named stranger = stranger(name);
        return plan.tenantOf(name)
                .flatMap(tenant -> Optional.ofNullable(guests.get(tenant)))
                .map(Guest::named)
                .orElse(stranger);
    }

    private Named stranger(String name) {
        synchronized (strangers) {
            Named known = strangers.get(name);
            if (known != null) {
                return known;
            }
        }
        String asked = name.isEmpty() ? plan.domain() : name;
        var made = new Named(nobody, tls(certificates.of(plan.tenantOf(asked).orElse(asked), asked)));
        synchronized (strangers) {
            strangers.put(name, made);
        }
        return made;
    }

    private static ServerTls tls(Strangers.Shown shown) {
        return new ServerTls(
                List.of(shown.server().certificate()),
                shown.server().key(),
                List.of(shown.authority()),
                List.of(shown.frontProxyAuthority()));
    }

    /// No new connections; those of guests end with them.
    @Override
    public void close() {
        port.close();
        nobody.close();
    }

    /// A tenant at the front door.
    final class Guest implements AutoCloseable {
        private final String tenant;
        private final HttpSite site;
        private volatile Named named;

        private Guest(String tenant, ClusterPki pki, HttpHandler inside) {
            this.tenant = tenant;
            String own = plan.nameOf(tenant);
            ServerTls tls = shownBy(pki, own);
            site = HttpSite.of(
                    tls,
                    drain,
                    CONNECTIONS,
                    new Doorkeeper(
                            inside,
                            host -> !host.equals(own) && plan.tenantOf(host).isPresent()));
            named = new Named(site, tls);
        }

        private static ServerTls shownBy(ClusterPki pki, String name) {
            KeyAndCertificate own = pki.issueServer(name);
            return ServingTrust.tls(pki, own);
        }

        Named named() {
            return named;
        }

        /// From now on connections begin with a new certificate.
        void renew(ClusterPki pki) {
            named = new Named(site, shownBy(pki, plan.nameOf(tenant)));
        }

        void endStreams() {
            site.endStreams();
        }

        @Override
        public void close() {
            guests.remove(tenant, this);
            site.close();
        }
    }
}
