package io.insula.tenantapi.bootstrap;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.rbac.RoleReconciliation;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Makes sure that the objects of every tenant exist. Idempotent: a second run lists and writes nothing. Two
/// servers of one tenant may run it at once.
public final class Bootstrap {

    private static final Duration DEADLINE = Duration.ofSeconds(60);
    private static final int WRITES_AT_ONCE = 16;
    private static final int ATTEMPTS = 5;

    private final ObjectClient client;
    private final BootstrapConfig config;
    private final InstantSource clock;

    /// @param client writes as the server itself
    public Bootstrap(ObjectClient client, BootstrapConfig config, InstantSource clock) {
        this.client = client;
        this.config = config;
        this.clock = clock;
    }

    /// Creates what is missing and repairs what must be kept. Returns when all is stored.
    ///
    /// @throws ApiException the first failure; what was written stays, a further run completes it
    public void run() {
        var file = new ObjectsFile();
        ensure(file.namespaces());
        var all = new ArrayList<>(RbacPolicyFile.read());
        all.addAll(file.others());
        all.addAll(ServerObjects.of(config, clock.instant()));
        ensure(all);
        aggregate();
    }

    /// As [#run], of the objects of flow control alone: upstream restores those whenever they are missing.
    public void runFlowControl() {
        ensure(new ObjectsFile().flowControl());
    }

    /// Fills the aggregating roles (admin, edit, view and the tenant's own) from those that they select.
    private void aggregate() {
        List<ObjectNode> roles = client.list(RbacPolicyFile.CLUSTER_ROLES, "", ObjectClient.Query.ALL)
                .items();
        for (ObjectNode changed : RoleReconciliation.aggregate(roles)) {
            client.update(RbacPolicyFile.CLUSTER_ROLES, "", "", changed);
        }
    }

    private void ensure(List<Wanted> all) {
        var byResource = new LinkedHashMap<GroupVersionResource, List<Wanted>>();
        all.forEach(wanted -> byResource
                .computeIfAbsent(wanted.resource(), resource -> new ArrayList<>())
                .add(wanted));
        Instant deadline = clock.instant().plus(DEADLINE);
        var limit = new Semaphore(WRITES_AT_ONCE);
        var threads = Thread.ofVirtual().name("bootstrap-", 0).factory();
        try (var executor = Executors.newThreadPerTaskExecutor(threads)) {
            var lists = new LinkedHashMap<GroupVersionResource, Future<Map<String, ObjectNode>>>();
            byResource.keySet().forEach(resource -> lists.put(resource, executor.submit(() -> existing(resource))));
            var writes = new ArrayList<Future<?>>();
            for (Map.Entry<GroupVersionResource, Future<Map<String, ObjectNode>>> list : lists.entrySet()) {
                Map<String, ObjectNode> existing = await(list.getValue(), deadline);
                for (Wanted wanted : byResource.getOrDefault(list.getKey(), List.of())) {
                    Optional<ObjectNode> current =
                            Optional.ofNullable(existing.get(wanted.namespace() + "/" + wanted.name()));
                    if (needsWrite(wanted, current)) {
                        writes.add(executor.submit(() -> writeLimited(limit, wanted, current)));
                    }
                }
            }
            writes.forEach(write -> await(write, deadline));
        }
    }

    private Map<String, ObjectNode> existing(GroupVersionResource resource) {
        var found = new LinkedHashMap<String, ObjectNode>();
        client.list(resource, "", ObjectClient.Query.ALL)
                .items()
                .forEach(object -> found.put(Meta.namespace(object) + "/" + Meta.name(object), object));
        return found;
    }

    private static boolean needsWrite(Wanted wanted, Optional<ObjectNode> current) {
        return current.isEmpty()
                || wanted.repair().apply(current.get(), wanted.object()).isPresent();
    }

    private void writeLimited(Semaphore limit, Wanted wanted, Optional<ObjectNode> current) {
        limit.acquireUninterruptibly();
        try {
            write(wanted, current);
        } finally {
            limit.release();
        }
    }

    /// Another server may do the same: on a conflict look again.
    private void write(Wanted wanted, Optional<ObjectNode> known) {
        Optional<ObjectNode> current = known;
        for (int attempt = 1; ; attempt++) {
            try {
                if (current.isEmpty()) {
                    client.create(wanted.resource(), wanted.namespace(), wanted.object());
                } else {
                    repair(wanted, current.get());
                }
                return;
            } catch (ApiException e) {
                if (attempt == ATTEMPTS || !(e.is("AlreadyExists") || e.is("Conflict"))) {
                    throw e;
                }
                current = client.get(wanted.resource(), wanted.namespace(), wanted.name());
            }
        }
    }

    private void repair(Wanted wanted, ObjectNode current) {
        Optional<ObjectNode> change = wanted.repair().apply(current, wanted.object());
        if (change.isEmpty()) {
            return;
        }
        if (RoleReconciliation.needsNewBinding(current, wanted.object())) {
            // a roleRef cannot be changed
            client.delete(wanted.resource(), wanted.namespace(), wanted.name(), Json.object());
            client.create(wanted.resource(), wanted.namespace(), change.get());
            return;
        }
        client.update(wanted.resource(), wanted.namespace(), "", change.get());
    }

    private <T> T await(Future<T> task, Instant deadline) {
        try {
            long millis = Duration.between(clock.instant(), deadline).toMillis();
            return task.get(Math.max(millis, 0), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while creating the first objects", e);
        } catch (TimeoutException e) {
            throw new IllegalStateException("first objects not created within " + DEADLINE, e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException("cannot create the first objects", e.getCause());
        }
    }
}
