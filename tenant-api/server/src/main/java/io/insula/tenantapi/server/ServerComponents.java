package io.insula.tenantapi.server;

import io.insula.tenantapi.openapi.BuiltInDocuments;
import io.insula.tenantapi.registry.AdmissionPlugin;
import io.insula.tenantapi.registry.ResourceKind;
import io.insula.tenantapi.registry.Schemas;
import io.insula.tenantapi.schema.ApiSchema;
import io.insula.tenantapi.wire.WireCodec;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// What all servers of a JVM share. Nothing in it belongs to a tenant. Thread-safe.
@Singleton
public final class ServerComponents implements AutoCloseable {

    private final List<ResourceKind> kinds;
    private final List<AdmissionPlugin> plugins;
    private final Schemas schemas = new Schemas(ApiSchema.load());
    private final WireCodec codec = new WireCodec();
    private final BuiltInDocuments documents;
    private final ScheduledThreadPoolExecutor timers;
    private final EventLoopGroup loops =
            new MultiThreadIoEventLoopGroup(new DefaultThreadFactory("tenant-api-io", true), NioIoHandler.newFactory());

    /// @param kinds every built-in kind
    /// @param plugins every admission plugin that needs nothing of a tenant
    public ServerComponents(List<ResourceKind> kinds, List<AdmissionPlugin> plugins) {
        this.kinds = List.copyOf(kinds);
        this.plugins = List.copyOf(plugins);
        documents = new BuiltInDocuments(this.kinds);
        timers = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().daemon().name("tenant-api-timers").factory());
        // most watches end long before their timeout
        timers.setRemoveOnCancelPolicy(true);
    }

    public List<ResourceKind> kinds() {
        return kinds;
    }

    List<AdmissionPlugin> plugins() {
        return plugins;
    }

    Schemas schemas() {
        return schemas;
    }

    WireCodec codec() {
        return codec;
    }

    BuiltInDocuments documents() {
        return documents;
    }

    ScheduledThreadPoolExecutor timers() {
        return timers;
    }

    EventLoopGroup loops() {
        return loops;
    }

    @Override
    @PreDestroy
    public void close() {
        timers.shutdownNow();
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly(10, TimeUnit.SECONDS);
    }
}
