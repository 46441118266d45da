package io.insula.controlplane.admin;

import io.insula.controlplane.home.Listening;
import io.insula.tenantapi.audit.AuditSink;
import io.insula.tenantapi.http.HttpServer;
import io.insula.tenantapi.http.HttpServerConfig;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/// The admin API on its port, behind the same edge as the API servers: TLS, HTTP/1.1 and h2, bounded in all that a
/// client can make it hold. Thread-safe.
public final class AdminServer implements AutoCloseable {

    private static final Duration DRAIN = Duration.ofSeconds(2);

    private final EventLoopGroup loops;
    private final HttpServer http;
    private final People people;

    private AdminServer(EventLoopGroup loops, HttpServer http, People people) {
        this.loops = loops;
        this.http = http;
        this.people = people;
    }

    /// Listens when this returns.
    ///
    /// @param audit the sink of a tenant's trail, or the host's
    /// @param people whose tokens are taken; closed with this
    /// @param port 0 for any free one
    /// @throws IllegalStateException when the port is taken
    public static AdminServer start(
            StartUp startUp,
            Function<String, AuditSink> audit,
            AdminPki pki,
            People people,
            Listening listening,
            int port,
            Clock clock) {
        var routes = new AdminRoutes(startUp, pki, people, () -> listening.publicUrl(port), clock);
        var gate = new AdminGate(
                routes.all(), audit, clock, new Callers(clock, pki.credentials()::isRevoked, people), routes::tenant);
        var loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try {
            var config = new HttpServerConfig(listening.bind(), port, pki.serverTls(), DRAIN);
            return new AdminServer(loops, HttpServer.start(config, loops, gate), people);
        } catch (RuntimeException e) {
            var _ = loops.shutdownGracefully(0, 0, TimeUnit.MILLISECONDS);
            people.close();
            throw e;
        }
    }

    int port() {
        return http.port();
    }

    @Override
    public void close() {
        http.close();
        people.close();
        loops.shutdownGracefully(0, DRAIN.toMillis(), TimeUnit.MILLISECONDS).awaitUninterruptibly(DRAIN.toMillis() * 2);
    }
}
