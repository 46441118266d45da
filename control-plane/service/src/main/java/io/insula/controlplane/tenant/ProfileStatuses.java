package io.insula.controlplane.tenant;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.node.v1.RuntimeClass;
import io.fabric8.kubernetes.api.model.scheduling.v1.PriorityClass;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.insula.isolation.Profiles;
import io.insula.isolation.Serving;
import io.insula.isolation.Serving.NotServed;
import io.insula.isolation.Serving.Served;
import io.insula.reconcile.Backoff;
import io.insula.reconcile.LoopMeter;
import io.insula.reconcile.Outcome;
import io.insula.reconcile.OwnThreads;
import io.insula.reconcile.ReconcileLoop;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.view.Condition;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps in the status of each IsolationProfile whether the host can run its pods and on which nodes, so that it is
/// told before a pod comes, and which tenants have it. Looked at when a node, a RuntimeClass, a
/// PriorityClass, a profile or what a tenant is to be changes, and now and then, as a kind that the host serves tells
/// nobody that it came. Thread-safe.
final class ProfileStatuses implements AutoCloseable {

    /// As metrics name it.
    static final String NAME = "profiles";

    /// The host can run its pods.
    static final String SERVED = "Served";

    /// More names than these nobody reads; the counts have them all.
    private static final int NAMED = 100;

    private static final Logger LOG = LoggerFactory.getLogger(ProfileStatuses.class);
    private static final Backoff BACKOFF = new Backoff(Duration.ofMillis(500), Duration.ofSeconds(30));
    private static final Duration LOOK_AGAIN = Duration.ofMinutes(5);
    private static final Duration CLOSE_WITHIN = Duration.ofMinutes(1);
    private static final String MACHINES = "kubevirt.io";
    private static final String ALL = "all";

    private final KubernetesClient host;
    private final Profiles known;
    private final InstantSource clock;
    private final HostInformers informers;
    private final SharedIndexInformer<Node> nodes;
    private final OwnThreads threads = OwnThreads.named("insula-profiles");
    private final ReconcileLoop<String> loop;

    /// Starts watching; returns at once.
    ProfileStatuses(
            KubernetesClient host, Profiles known, InstantSource clock, LoopMeter meter, HostInformers informers) {
        this.host = host;
        this.known = known;
        this.clock = clock;
        this.informers = informers;
        this.loop = new ReconcileLoop<>(
                ReconcileLoop.Settings.<String>of(NAME, 1, BACKOFF).meter(meter), threads.lent(), new Work());
        this.nodes = host.nodes().runnableInformer(0);
        nodes.exceptionHandler((_, _) -> true);
        nodes.addEventHandler(new Differences<>(ProfileStatuses::isSamePlace, (_, _) -> look()));
        nodes.start().exceptionally(_ -> null);
        loop.open();
        look();
    }

    /// Something that matters may have changed. Returns at once.
    void look() {
        loop.add(ALL);
    }

    /// For whoever shows its depth.
    ReconcileLoop<?> queue() {
        return loop;
    }

    @Override
    public void close() {
        nodes.close();
        loop.closeWith(threads, CLOSE_WITHIN);
    }

    private void update() {
        var there = new Serving.Host(
                host.getApiGroup(MACHINES) != null,
                host.resources(RuntimeClass.class).list().getItems(),
                host.resources(PriorityClass.class).list().getItems().stream()
                        .map(each -> each.getMetadata().getName())
                        .collect(Collectors.toSet()),
                nodes.getStore().list());
        var tenants = tenants();
        for (var profile : host.resources(IsolationProfileResource.class).list().getItems()) {
            write(
                    profile,
                    serving(profile, there),
                    tenants.getOrDefault(profile.getMetadata().getName(), List.of()));
        }
    }

    /// Names of tenants by the profiles that they have, sorted.
    private Map<String, List<String>> tenants() {
        var all = new HashMap<String, List<String>>();
        informers.tenants().stream()
                .sorted(Comparator.comparing(TenantObjects::nameOf))
                .forEach(tenant -> Stream.concat(
                                Stream.of(tenant.getSpec().profile()), tenant.getSpec().allowed().stream())
                        .distinct()
                        .forEach(profile -> all.computeIfAbsent(profile, _ -> new ArrayList<>())
                                .add(TenantObjects.nameOf(tenant))));
        return all;
    }

    private Serving serving(IsolationProfileResource profile, Serving.Host there) {
        try {
            return Serving.of(known.settings(profile.getMetadata().getName(), profile.getSpec()), there);
        } catch (IllegalArgumentException e) {
            return new NotServed("InvalidProfile", String.valueOf(e.getMessage()));
        }
    }

    private void write(IsolationProfileResource profile, Serving serving, List<String> tenants) {
        JsonNode current = Json.parse(Json.MAPPER
                .valueToTree(Objects.requireNonNullElse(profile.getStatus(), Map.of()))
                .toString()
                .getBytes(StandardCharsets.UTF_8));
        ObjectNode wanted = status(profile, serving, tenants, current);
        if (!wanted.equals(current)) {
            host.resources(IsolationProfileResource.class)
                    .withName(profile.getMetadata().getName())
                    .subresource("status")
                    .patch(
                            PatchContext.of(PatchType.JSON_MERGE),
                            Json.object().set("status", wanted).toString());
        }
    }

    private ObjectNode status(
            IsolationProfileResource profile, Serving serving, List<String> tenants, JsonNode current) {
        Long generation = profile.getMetadata().getGeneration();
        List<String> able = serving instanceof Served(var all) ? all : List.of();
        TenantCondition told = switch (serving) {
            case Served _ ->
                TenantCondition.of(
                        SERVED, true, generation, clock.instant(), SERVED, able.size() + " nodes can run its pods");
            case NotServed(var reason, var message) ->
                TenantCondition.of(SERVED, false, generation, clock.instant(), reason, message);
        };
        TenantCondition since = before(current)
                .filter(each -> each.holds() == told.holds())
                .map(each -> told.since(each.lastTransitionTime()))
                .orElse(told);
        ObjectNode status = Json.object();
        if (generation != null) {
            status.put("observedGeneration", generation);
        }
        version(profile).ifPresent(version -> status.put("version", version));
        if (current.has(ProfileRollouts.STATUS)) {
            status.set(ProfileRollouts.STATUS, current.path(ProfileRollouts.STATUS));
        }
        status.put("nodeCount", able.size());
        var names = status.putArray("nodes");
        able.stream().limit(NAMED).forEach(names::add);
        status.put("tenantCount", tenants.size());
        var users = status.putArray("tenants");
        tenants.stream().limit(NAMED).forEach(users::add);
        status.putArray(Condition.LIST).add(Json.MAPPER.<JsonNode>valueToTree(since));
        // through text, as what was read: numbers of the same value are equal then
        return Json.parse(status.toString().getBytes(StandardCharsets.UTF_8));
    }

    private Optional<String> version(IsolationProfileResource profile) {
        try {
            return Optional.of(known.settings(profile.getMetadata().getName(), profile.getSpec())
                    .version());
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static Optional<TenantCondition> before(JsonNode status) {
        return Optional.of(Condition.in(status, SERVED))
                .filter(Condition::exists)
                .map(each -> Json.MAPPER.convertValue(each.tree(), TenantCondition.class));
    }

    private final class Work implements ReconcileLoop.Work<String> {
        @Override
        public Outcome reconcile(String key) {
            if (!nodes.hasSynced() || !informers.hasSynced()) {
                return new Outcome.RequeueAfter(Duration.ofSeconds(1), "the host's lists of nodes and tenants");
            }
            update();
            return new Outcome.RequeueAfter(LOOK_AGAIN, "kinds that the host serves later");
        }

        @Override
        public void failed(String key, RuntimeException cause, int failuresInARow, Duration retryIn) {
            LOG.atWarn()
                    .addKeyValue("retryIn", retryIn)
                    .addKeyValue("cause", String.valueOf(cause))
                    .log("the isolation profiles' status cannot be told; it is tried again");
        }
    }

    /// Its heartbeats are nobody's business here.
    private static boolean isSamePlace(Node old, Node current) {
        return Objects.equals(
                        old.getMetadata().getLabels(), current.getMetadata().getLabels())
                && Objects.equals(old.getSpec(), current.getSpec());
    }
}
