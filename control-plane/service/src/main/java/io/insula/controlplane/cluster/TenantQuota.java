package io.insula.controlplane.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.Quantity;
import io.insula.controlplane.cluster.TenantUsage.Use;
import io.insula.controlplane.tenant.ProfileSource;
import io.insula.isolation.Profiles;
import io.insula.rules.resources.Amounts;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.quota.QuotaEvaluator;
import io.insula.tenantapi.registry.AdmissionPlugin;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Refuses in the tenant what its limits and the quotas of its profiles do not allow it on the host, over all its
/// namespaces, in the words of a ResourceQuota. Thread-safe: each resource is counted under its own lock.
///
/// A pod counts as what the host runs for it ([PodMeasure]).
final class TenantQuota implements AdmissionPlugin.Validating {

    /// After everything else: nothing may refuse what has been charged.
    private static final int ORDER = 10_100;

    /// A tenant may define kinds without end.
    private static final int REMEMBERED = 256;

    private static final String QUOTA = "insula";
    private static final String PROFILE_QUOTA = "isolation-profile-";
    private static final Set<String> COUNTED_ON_UPDATE =
            Set.of("services", "persistentvolumeclaims", "configmaps", "secrets");

    private final CurrentProfiles profiles;
    private final PodMeasure pods;
    private final InstantSource clock;
    private final Map<GroupVersionResource, TenantUsage> usage = new ConcurrentHashMap<>();
    private volatile @Nullable Limits known;

    TenantQuota(Profiles profiles, ProfileSource source, InstantSource clock) {
        this.profiles = new CurrentProfiles(profiles, source);
        this.pods = new PodMeasure(profiles);
        this.clock = clock;
    }

    /// @param part of what it counts; empty for all
    private record Limit(String name, String part, Amounts hard) {}

    /// What limits there are for each resource that was asked for, by one reading of the tenant's profiles.
    private record Limits(CurrentProfiles.Reading reading, Map<GroupVersionResource, List<Limit>> of) {

        Limits(CurrentProfiles.Reading reading) {
            this(reading, new ConcurrentHashMap<>());
        }

        @SuppressWarnings("ReferenceEquality") // it is the same as long as nothing of it changes
        boolean areOf(CurrentProfiles.Reading now) {
            return reading == now;
        }
    }

    @Override
    public PluginSpec spec() {
        return new PluginSpec("InsulaQuota", ORDER, Set.of(Operation.CREATE, Operation.UPDATE));
    }

    @Override
    public void validate(Request request) {
        ObjectNode object = request.object();
        if (object == null || request.namespace().isEmpty() || !isCounted(request)) {
            return;
        }
        List<Limit> limits = concerned(request.resource());
        if (limits.isEmpty()) {
            return;
        }
        var all = usage.computeIfAbsent(
                request.resource(), resource -> new TenantUsage(resource, each -> measure(resource, each), clock));
        var use = measure(request.resource(), object);
        synchronized (all) {
            all.start(request.client());
            for (Limit limit : limits) {
                check(request, object, limit, use, all);
            }
            if (!request.dryRun()) {
                ObjectNode old = request.oldObject();
                all.charge(TenantUsage.key(object), use, old == null ? 0 : Long.parseLong(Meta.resourceVersion(old)));
            }
        }
    }

    private void check(Request request, ObjectNode object, Limit limit, Use use, TenantUsage all) {
        if (!limit.part().isEmpty() && !limit.part().equals(use.part())) {
            return;
        }
        ObjectNode old = request.oldObject();
        Amounts wanted = use.amounts().only(limit.hard().byName().keySet());
        Amounts more = old == null
                ? wanted
                : wanted.lessNotBelowZero(measure(request.resource(), old).amounts());
        String key = TenantUsage.key(object);
        Set<String> exceeded = exceeded(limit, wanted, more, all.others(limit.part(), key));
        if (!exceeded.isEmpty() && all.forgetLost(request.client())) {
            exceeded = exceeded(limit, wanted, more, all.others(limit.part(), key));
        }
        if (!exceeded.isEmpty()) {
            Amounts used = Amounts.zero(exceeded)
                    .plus(all.others(limit.part(), key))
                    .plus(wanted)
                    .lessNotBelowZero(more)
                    .only(exceeded);
            throw ApiException.forbidden(
                    request.resource(),
                    Meta.name(object),
                    "exceeded quota: " + limit.name() + ", requested: " + more.only(exceeded) + ", used: " + used
                            + ", limited: " + limit.hard().only(exceeded));
        }
    }

    /// What does not grow is never refused.
    private static Set<String> exceeded(Limit limit, Amounts wanted, Amounts more, Amounts others) {
        var names = new java.util.TreeSet<>(
                others.plus(wanted).only(wanted.byName().keySet()).beyond(limit.hard()));
        names.removeIf(name -> more.only(Set.of(name)).isZero());
        return names;
    }

    private static boolean isCounted(Request request) {
        if (request.operation() == Operation.CREATE) {
            return request.subresource().isEmpty();
        }
        boolean core = request.resource().group().isEmpty();
        String resource = request.resource().resource();
        return core
                && (request.subresource().isEmpty()
                        ? COUNTED_ON_UPDATE.contains(resource)
                        : resource.equals("pods") && request.subresource().equals("resize"));
    }

    private List<Limit> concerned(GroupVersionResource resource) {
        CurrentProfiles.Reading reading;
        try {
            reading = profiles.reading();
        } catch (RuntimeException e) {
            throw ApiException.unavailable("the tenant's limits cannot be read: " + e.getMessage());
        }
        Limits limits = known;
        if (limits == null || !limits.areOf(reading)) {
            limits = new Limits(reading);
            known = limits;
        }
        List<Limit> found = limits.of().get(resource);
        if (found == null) {
            found = limits(resource, reading);
            if (limits.of().size() < REMEMBERED) {
                limits.of().put(resource, found);
            }
        }
        return found;
    }

    private static List<Limit> limits(GroupVersionResource resource, CurrentProfiles.Reading reading) {
        var evaluator = QuotaEvaluator.of(resource);
        var limits = new ArrayList<Limit>();
        add(limits, QUOTA, "", reading.choice().limits().hard(), resource, evaluator);
        for (var profile : reading.profiles().all()) {
            boolean pods = isPods(resource);
            add(
                    limits,
                    PROFILE_QUOTA + profile.name(),
                    pods ? profile.name() : "",
                    profile.quota(),
                    resource,
                    evaluator);
        }
        return List.copyOf(limits);
    }

    private static void add(
            List<Limit> to,
            String name,
            String part,
            Map<String, Quantity> quota,
            GroupVersionResource resource,
            QuotaEvaluator evaluator) {
        ObjectNode tree = Json.object();
        quota.forEach((each, amount) -> {
            if (evaluator.measures(each) || each.equals(bytes(resource))) {
                tree.put(each, amount.toString());
            }
        });
        if (!tree.isEmpty()) {
            to.add(new Limit(name, part, Amounts.of(tree)));
        }
    }

    private static String bytes(GroupVersionResource resource) {
        return "bytes/" + resource.qualified();
    }

    private static boolean isPods(GroupVersionResource resource) {
        return resource.group().isEmpty() && resource.resource().equals("pods");
    }

    private Use measure(GroupVersionResource resource, ObjectNode object) {
        var evaluator = QuotaEvaluator.of(resource);
        if (isPods(resource)) {
            return pods.of(object, profiles.get(), evaluator, clock.instant());
        }
        Amounts amounts = evaluator.usage(object, clock.instant());
        if (resource.group().isEmpty() && Set.of("configmaps", "secrets").contains(resource.resource())) {
            long size = size(object.path("data")) + size(object.path("binaryData"));
            amounts = amounts.plus(Amounts.of(Json.object().put(bytes(resource), Long.toString(size))));
        }
        return new Use(Meta.uid(object), "", amounts);
    }

    private static long size(JsonNode texts) {
        long size = 0;
        for (Map.Entry<String, JsonNode> each : texts.properties()) {
            size += each.getKey().length() + each.getValue().asText("").length();
        }
        return size;
    }

    void close() {
        usage.values().forEach(TenantUsage::close);
    }
}
