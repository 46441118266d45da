package io.insula.tenantapi.controllers.quota;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.reconcile.Outcome;
import io.insula.rules.resources.Amounts;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.Controller;
import io.insula.tenantapi.controllers.ControllerContext;
import io.insula.tenantapi.controllers.ControllerFactory;
import io.insula.tenantapi.controllers.ControllerSpec;
import io.insula.tenantapi.controllers.Key;
import io.insula.tenantapi.controllers.ObjectEvent;
import io.insula.tenantapi.controllers.Resources;
import io.insula.tenantapi.controllers.Store;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.ports.ObjectClient.Query;
import io.insula.tenantapi.ports.ObjectClient.ResourceInfo;
import io.insula.tenantapi.quota.QuotaEvaluator;
import io.insula.tenantapi.quota.Quotas;
import io.insula.tenantapi.view.PodView;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Recounts `status.used` of quotas: when a quota changes, when something that counts comes, goes or ends,
/// and every five minutes. Pods, Services and claims are read from their caches; other resources are followed
/// (metadata only) from the first quota that counts them, and listed for the recount.
///
/// A status is replaced only as it was read: a charge that admission makes meanwhile is never lost, the recount starts
/// again. And a balance that has just changed is not lowered: its newest charge may be for an object still being
/// stored.
/// Source: kubernetes, `pkg/controller/resourcequota`.
final class ResourceQuotaController implements Controller {

    private static final Duration RESYNC = Duration.ofMinutes(5);

    /// Lets a burst of changes end in one recount, and the caches see what admission has charged.
    private static final Duration SETTLE = Duration.ofMillis(50);

    /// How old a charge must be before its object is missed.
    private static final Duration QUIET = Duration.ofMillis(500);

    private final ControllerContext context;
    private final ObjectClient client;
    private final Clock clock;
    private final Store quotas;
    private final Map<GroupVersionResource, Store> cached;
    private final Map<Key, Balance> balances = new ConcurrentHashMap<>();
    private final Set<GroupVersionResource> followed = ConcurrentHashMap.newKeySet();

    /// When a version of a quota was first seen.
    private record Balance(String version, Instant since) {}

    private ResourceQuotaController(ControllerContext context) {
        this.context = context;
        this.client = context.client();
        this.clock = context.clock();
        this.quotas = context.store(Resources.RESOURCE_QUOTAS);
        this.cached = Map.of(
                Resources.PODS, context.store(Resources.PODS),
                Resources.SERVICES, context.store(Resources.SERVICES),
                Resources.PERSISTENT_VOLUME_CLAIMS, context.store(Resources.PERSISTENT_VOLUME_CLAIMS));
    }

    @Singleton
    static final class Factory implements ControllerFactory {
        @Override
        public String name() {
            return "resourcequota-controller";
        }

        @Override
        public Controller create(ControllerContext context) {
            return new ResourceQuotaController(context);
        }
    }

    @Override
    public ControllerSpec spec() {
        return ControllerSpec.watching(Resources.RESOURCE_QUOTAS, this::quotaChanged)
                .watch(Resources.PODS, this::podChanged)
                .watch(Resources.SERVICES, this::changed)
                .watch(Resources.PERSISTENT_VOLUME_CLAIMS, this::changed);
    }

    @Override
    public Outcome reconcile(Key key) {
        Optional<ObjectNode> found = quotas.get(key);
        if (found.isEmpty()) {
            balances.remove(key);
            return Outcome.SETTLED;
        }
        ObjectNode quota = found.get().deepCopy();
        Duration unsettled = unsettled(key, quota);
        Amounts hard = Amounts.of(quota.path("spec").path("hard"));
        Amounts used = recount(quota, hard);
        ObjectNode status = quota.withObjectProperty("status");
        boolean same = Amounts.of(status.path("hard")).equals(hard)
                && Amounts.of(status.path("used")).equals(used)
                && status.path("used").size() == used.byName().size();
        if (!same && unsettled.isPositive() && lessThan(used, Amounts.of(status.path("used")))) {
            return Outcome.after(unsettled, "charges to become objects");
        }
        if (!same) {
            status.set("hard", hard.toTree());
            status.set("used", used.toTree());
            client.update(Resources.RESOURCE_QUOTAS, key.namespace(), "status", quota);
        }
        return Outcome.after(RESYNC, "the next recount");
    }

    /// How long ago the quota has changed is how long ago admission may have charged for an object that nobody can see
    /// yet.
    private Duration unsettled(Key key, ObjectNode quota) {
        Instant now = clock.instant();
        String version = Meta.resourceVersion(quota);
        Balance balance = balances.compute(
                key, (k, seen) -> seen != null && seen.version().equals(version) ? seen : new Balance(version, now));
        return Duration.between(now, balance.since().plus(QUIET));
    }

    private static boolean lessThan(Amounts counted, Amounts charged) {
        return !charged.beyond(counted).isEmpty();
    }

    private Amounts recount(ObjectNode quota, Amounts hard) {
        Amounts used = Amounts.NONE;
        for (GroupVersionResource resource : concerned(hard)) {
            QuotaEvaluator evaluator = QuotaEvaluator.of(resource);
            Set<String> names = Quotas.measured(evaluator, hard);
            Amounts sum = Amounts.zero(names);
            Instant now = clock.instant();
            for (ObjectNode object : objects(resource, Meta.namespace(quota))) {
                if (Quotas.inScopes(quota, evaluator, object)) {
                    sum = sum.plus(evaluator.usage(object, now).only(names));
                }
            }
            used = used.plus(sum);
        }
        return used;
    }

    private Set<GroupVersionResource> concerned(Amounts hard) {
        var all = new LinkedHashSet<GroupVersionResource>();
        hard.byName()
                .keySet()
                .forEach(name -> Quotas.resourceOf(name).flatMap(this::served).ifPresent(all::add));
        return all;
    }

    /// With the version that is served; empty where nothing of the name is.
    private Optional<GroupVersionResource> served(GroupVersionResource wanted) {
        if (!wanted.version().isEmpty() && cached.containsKey(wanted)) {
            return Optional.of(wanted);
        }
        return client.resources().stream()
                .filter(ResourceInfo::namespaced)
                .map(ResourceInfo::resource)
                .filter(resource -> resource.group().equals(wanted.group())
                        && resource.resource().equals(wanted.resource()))
                .findFirst();
    }

    private List<ObjectNode> objects(GroupVersionResource resource, String namespace) {
        Store cache = cached.get(resource);
        if (cache != null) {
            return cache.inNamespace(namespace);
        }
        follow(resource);
        return client.list(resource, namespace, Query.ALL).items();
    }

    /// From now on for as long as the manager runs: the garbage collector holds the same cache anyway.
    @SuppressWarnings("resource") // ends with the manager
    private void follow(GroupVersionResource resource) {
        if (!resource.equals(Resources.RESOURCE_QUOTAS) && followed.add(resource)) {
            context.followMetadata(resource, this::changed);
        }
    }

    /// Admission's charges are looked at later, when their objects must be there.
    private Collection<Key> quotaChanged(ObjectEvent event) {
        Key key = Key.of(event.object());
        if (event instanceof ObjectEvent.Updated(var before, var quota)
                && before.path("spec").equals(quota.path("spec"))
                && quota.path("spec").path("hard").equals(quota.path("status").path("hard"))) {
            context.enqueueAfter(key, QUIET.plus(SETTLE));
            return List.of();
        }
        return List.of(key);
    }

    /// Of updates only those count that end a pod or change what it asks for.
    private Collection<Key> podChanged(ObjectEvent event) {
        if (event instanceof ObjectEvent.Updated(var before, var pod)) {
            boolean matters = PodView.of(before).isTerminal() != PodView.of(pod).isTerminal()
                    || !before.path("spec").equals(pod.path("spec"));
            return matters ? concerned(event) : List.of();
        }
        return concerned(event);
    }

    private Collection<Key> changed(ObjectEvent event) {
        if (event instanceof ObjectEvent.Updated(var before, var object)
                && before.path("spec").equals(object.path("spec"))
                && before.path("status")
                        .path("allocatedResources")
                        .equals(object.path("status").path("allocatedResources"))) {
            return List.of();
        }
        return concerned(event);
    }

    /// The quotas of the namespace, after a short while: none is named for now.
    private Collection<Key> concerned(ObjectEvent event) {
        quotas.inNamespace(Meta.namespace(event.object()))
                .forEach(quota -> context.enqueueAfter(Key.of(quota), SETTLE));
        return List.of();
    }
}
