package io.insula.controlplane.tenant;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.insula.isolation.HostPolicy;
import io.insula.isolation.HostWorkload.Unsupported;
import io.insula.isolation.ProfileSettings;
import io.insula.isolation.Profiles;
import io.insula.isolation.TenantProfiles;
import io.insula.syncer.engine.NameMap;
import io.insula.syncer.engine.TenantId;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.view.Condition;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Has pods made anew that an earlier version of their isolation profile made, where somebody asks for it by the
/// annotation [Tenancy#ROLL_OUT] of the profile: by evictions in the tenant, which its budgets hold up, one in ten of a
/// tenant's at once and none while some of its replacements are not ready. What nothing would make anew, or the
/// profile would refuse now, stays and is counted; virtual machines are not among them. Thread-safe.
final class ProfileRollouts implements AutoCloseable {

    /// In the profile's status: how many pods are `outdated` and will be replaced, and how many are `left` as they are.
    static final String STATUS = "rollout";

    private static final Logger LOG = LoggerFactory.getLogger(ProfileRollouts.class);
    private static final Duration PAUSE = Duration.ofSeconds(5);
    private static final int SHARE = 10;
    private static final Duration NEW = Duration.ofMinutes(2);

    private final KubernetesSerialization serialization = new KubernetesSerialization();
    private final KubernetesClient host;
    private final Profiles known;
    private final TenantUnits units;
    private final Supplier<List<Tenant>> tenants;
    private final ProfileLookup lookup;
    private final InstantSource clock;
    private final Rounds rounds;

    /// What of a tenant's pods is of earlier versions.
    ///
    /// @param outdated those to be replaced
    /// @param left how many stay as they are
    /// @param unready how many that its version of now made, or will make, are not ready
    /// @param all how many it has
    private record Count(List<ObjectNode> outdated, int left, int unready, int all) {}

    /// Starts looking; returns at once.
    ProfileRollouts(
            KubernetesClient host,
            Profiles known,
            TenantUnits units,
            Supplier<List<Tenant>> tenants,
            ProfileLookup lookup,
            InstantSource clock) {
        this.clock = clock;
        this.host = host;
        this.known = known;
        this.units = units;
        this.tenants = tenants;
        this.lookup = lookup;
        this.rounds = new Rounds("insula-rollouts", PAUSE, this::round);
        rounds.begin();
    }

    @Override
    public void close() {
        rounds.close();
    }

    private void round() {
        try {
            host.resources(IsolationProfileResource.class).list().getItems().stream()
                    .filter(profile -> profile.getMetadata().getAnnotations() != null
                            && profile.getMetadata().getAnnotations().containsKey(Tenancy.ROLL_OUT))
                    .forEach(this::advance);
        } catch (RuntimeException e) {
            LOG.atWarn().setCause(e).log("a roll-out of an isolation profile waits");
        }
    }

    private void advance(IsolationProfileResource profile) {
        var name = profile.getMetadata().getName();
        ProfileSettings settings;
        try {
            settings = known.settings(name, profile.getSpec());
        } catch (IllegalArgumentException e) {
            // its status says so
            return;
        }
        int outdated = 0;
        int left = 0;
        boolean isWhole = true;
        for (var tenant : tenants.get()) {
            var spec = tenant.getSpec();
            if (Stream.concat(Stream.of(spec.profile()), spec.allowed().stream())
                    .toList()
                    .contains(name)) {
                var count = count(TenantObjects.nameOf(tenant), settings);
                isWhole &= count.isPresent();
                outdated += count.map(each -> each.outdated().size()).orElse(0);
                left += count.map(Count::left).orElse(0);
                count.ifPresent(each -> evict(TenantObjects.nameOf(tenant), each));
            }
        }
        tell(profile, outdated, left);
        if (outdated == 0 && isWhole) {
            LOG.atInfo().addKeyValue("profile", name).addKeyValue("left", left).log("roll-out is done");
            patch(
                    profile,
                    "",
                    Json.object()
                            .set(
                                    "metadata",
                                    Json.object()
                                            .set("annotations", Json.object().putNull(Tenancy.ROLL_OUT))));
        }
    }

    private void evict(String tenant, Count count) {
        int atOnce = Math.max(1, count.all() / SHARE) - count.unready();
        count.outdated().stream()
                .limit(Math.max(0, atOnce))
                .forEach(pod ->
                        units.find(tenant).ifPresent(unit -> unit.runtime().evict(pod)));
    }

    /// Empty while the tenant should answer and does not; one that sleeps has nothing that runs.
    private Optional<Count> count(String tenant, ProfileSettings settings) {
        var unit = units.find(tenant).filter(each -> !each.runtime().isAsleep());
        return unit.isEmpty()
                ? Optional.of(new Count(List.of(), 0, 0, 0))
                : unit.get().runtime().pods().map(pods -> count(tenant, pods, settings));
    }

    private Count count(String tenant, List<ObjectNode> pods, ProfileSettings settings) {
        var names = new NameMap(new TenantId(tenant));
        var profiles = profiles(tenant);
        var outdated = new ArrayList<ObjectNode>();
        int left = 0;
        int unready = 0;
        int all = 0;
        for (var pod : pods) {
            var notes = hasEnded(pod) ? Optional.<Map<String, String>>empty() : notes(pod, names);
            if (notes.isEmpty()) {
                unready += isNew(pod) ? 1 : 0;
            } else if (settings.name().equals(notes.get().get(HostPolicy.PROFILE))) {
                all++;
                if (settings.version().equals(notes.get().get(HostPolicy.PROFILE_VERSION))) {
                    unready += isReady(pod) ? 0 : 1;
                } else if (isReplaced(pod) && isTaken(pod, profiles)) {
                    outdated.add(pod);
                } else {
                    left++;
                }
            }
        }
        return new Count(outdated, left, unready, all);
    }

    private TenantProfiles profiles(String tenant) {
        var choice = lookup.of(tenant).current();
        return new TenantProfiles(
                known.settings(choice.standard().name(), choice.standard().spec()),
                choice.allowed().stream()
                        .map(each -> known.settings(each.name(), each.spec()))
                        .toList(),
                ProfileRules.read(choice.rules(), List.of()));
    }

    /// What its host pod says of what made it; empty while there is none.
    private Optional<Map<String, String>> notes(ObjectNode pod, NameMap names) {
        var hostName = names.hostName(
                "Pod",
                pod.at("/metadata/namespace").asText(),
                pod.at("/metadata/name").asText());
        var made = host.pods()
                .inNamespace(names.tenant().hostNamespace())
                .withName(hostName)
                .get();
        return Optional.ofNullable(made)
                .map(each -> Objects.requireNonNullElse(each.getMetadata().getAnnotations(), Map.of()));
    }

    /// It may be one's that was evicted a moment ago.
    private boolean isNew(ObjectNode pod) {
        var created = pod.at("/metadata/creationTimestamp").asText("");
        return !hasEnded(pod)
                && !created.isEmpty()
                && clock.instant().isBefore(Instant.parse(created).plus(NEW));
    }

    private static boolean hasEnded(ObjectNode pod) {
        var phase = pod.at("/status/phase").asText("");
        return phase.equals("Succeeded")
                || phase.equals("Failed")
                || pod.path("metadata").has("deletionTimestamp");
    }

    private static boolean isReady(ObjectNode pod) {
        return Condition.of(pod, "Ready").isTrue();
    }

    /// Whether somebody makes another one of it.
    private static boolean isReplaced(ObjectNode pod) {
        for (JsonNode owner : pod.at("/metadata/ownerReferences")) {
            if (owner.path("controller").asBoolean()) {
                return true;
            }
        }
        return false;
    }

    private boolean isTaken(ObjectNode tree, TenantProfiles profiles) {
        Pod pod = serialization
                .convertValue(tree, Pod.class)
                .edit()
                .editSpec()
                .withNodeName(null)
                .endSpec()
                .build();
        return !(known.translate(pod, profiles).workload() instanceof Unsupported);
    }

    private void tell(IsolationProfileResource profile, int outdated, int left) {
        var wanted = Json.object().put("outdated", outdated).put("left", left);
        var known = Objects.requireNonNullElse(profile.getStatus(), Map.<String, Object>of())
                .get(STATUS);
        if (!Json.MAPPER.valueToTree(known).toString().equals(wanted.toString())) {
            patch(profile, "status", Json.object().set("status", Json.object().set(STATUS, wanted)));
        }
    }

    private void patch(IsolationProfileResource profile, String subresource, JsonNode patch) {
        var resource = host.resources(IsolationProfileResource.class)
                .withName(profile.getMetadata().getName());
        if (subresource.isEmpty()) {
            resource.patch(PatchContext.of(PatchType.JSON_MERGE), patch.toString());
        } else {
            resource.subresource(subresource).patch(PatchContext.of(PatchType.JSON_MERGE), patch.toString());
        }
    }
}
