package io.insula.isolation;

import static io.insula.isolation.SpecErrors.wrong;

import io.fabric8.kubernetes.api.model.Pod;
import io.insula.isolation.HostWorkload.Unsupported;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Picks the profile of a pod and asks it for the host workload. Immutable.
///
/// A pod asks by the label or annotation [#ASK], or by `spec.runtimeClassName` (a profile's RuntimeClass, or its name).
/// Without asking it gets what the tenant's rules say ([ProfileRule]), else the tenant's standard profile, and, where
/// that cannot express the pod, the first of its fallbacks that can.
@Singleton
public final class Profiles {

    public static final String ASK = "insula.io/isolation-profile";

    private final SortedMap<String, IsolationProfile> bySandbox = new TreeMap<>();

    /// @throws IllegalStateException if two profiles claim one sandbox
    public Profiles(List<IsolationProfile> profiles) {
        for (var profile : profiles) {
            var earlier = bySandbox.putIfAbsent(profile.sandbox().wireName(), profile);
            if (earlier != null) {
                throw new IllegalStateException(
                        "two profiles for " + profile.sandbox() + ": " + earlier + ", " + profile);
            }
        }
    }

    /// Of every profile, by their names.
    public List<Sandbox> sandboxes() {
        return bySandbox.values().stream().map(IsolationProfile::sandbox).toList();
    }

    /// Reads the `spec` of an `IsolationProfile` resource.
    ///
    /// @param spec the tree as a JSON parser gives it: maps, lists, strings, numbers, booleans
    /// @throws IllegalArgumentException naming the field below `spec` that is wrong
    public ProfileSettings settings(String name, Map<String, ?> spec) {
        var sandbox = spec.get("sandbox");
        var profile = sandbox instanceof String text ? bySandbox.get(text) : null;
        if (profile == null) {
            throw wrong("sandbox", sandbox, "one of " + String.join(", ", bySandbox.keySet()));
        }
        return new SpecReader(spec).read(name, profile.sandbox());
    }

    /// @param pod as the tenant wrote it, or as the syncer renamed it; never changed
    public Translation translate(Pod pod, TenantProfiles tenant) {
        return choose(pod, tenant).translation();
    }

    /// What [#translate] answers, why it is that profile, and what each of the tenant's profiles would answer.
    public Explanation explain(Pod pod, TenantProfiles tenant) {
        var choice = choose(pod, tenant);
        var all = tenant.all().stream().map(each -> translate(pod, each)).toList();
        return new Explanation(choice.why(), choice.translation(), all);
    }

    /// @param why this profile, as a clause about it
    private record Choice(String why, Translation translation) {}

    private Choice choose(Pod pod, TenantProfiles tenant) {
        var label = asked(pod.getMetadata().getLabels());
        var annotation = asked(pod.getMetadata().getAnnotations());
        if (!label.isEmpty() && !annotation.isEmpty() && !label.equals(annotation)) {
            return refused(
                    tenant,
                    annotationPath(),
                    "the label asks for \"" + label + "\", the annotation for \"" + annotation + "\"");
        }
        if (!label.isEmpty() || !annotation.isEmpty()) {
            return byName(
                    pod, tenant, label.isEmpty() ? annotation : label, label.isEmpty() ? "annotations" : "labels");
        }
        var runtimeClass = Objects.requireNonNullElse(PodFields.spec(pod).getRuntimeClassName(), "");
        if (!runtimeClass.isEmpty()) {
            return tenant.byRuntimeClass(runtimeClass)
                    .map(settings -> new Choice(
                            "spec.runtimeClassName \"" + runtimeClass + "\" asks for it", translate(pod, settings)))
                    .orElseGet(() -> refused(tenant, "spec.runtimeClassName", notAllowed(runtimeClass, tenant)));
        }
        return byRules(pod, tenant);
    }

    /// The profile that the tenant's rules give a pod; empty where it asks for one itself, or none means it. For
    /// whoever
    /// translates what is not the pod as it was written any more, by [TenantProfiles#withoutRules].
    ///
    /// @throws IllegalArgumentException where a rule cannot be told of it
    public Optional<String> ruled(Pod written, TenantProfiles tenant) {
        boolean asks = !asked(written.getMetadata().getLabels()).isEmpty()
                || !asked(written.getMetadata().getAnnotations()).isEmpty()
                || !Objects.requireNonNullElse(PodFields.spec(written).getRuntimeClassName(), "")
                        .isEmpty();
        return asks ? Optional.empty() : tenant.rule(written).map(ProfileRule::profile);
    }

    private Choice byRules(Pod pod, TenantProfiles tenant) {
        try {
            var rule = tenant.rule(pod);
            if (rule.isEmpty()) {
                return standard(pod, tenant);
            }
            var settings = tenant.byName(rule.get().profile());
            return settings.map(each -> new Choice(
                            "the tenant's rule \"" + rule.get().when() + "\" chooses it", translate(pod, each)))
                    .orElseGet(() -> refused(
                            tenant,
                            "spec",
                            "the tenant's rule \"" + rule.get().when() + "\" chooses "
                                    + notAllowed(rule.get().profile(), tenant)));
        } catch (IllegalArgumentException e) {
            return refused(tenant, "spec", String.valueOf(e.getMessage()));
        }
    }

    private Choice byName(Pod pod, TenantProfiles tenant, String name, String where) {
        var path = "metadata." + where + "[" + ASK + "]";
        var settings = tenant.byName(name);
        if (settings.isEmpty()) {
            return refused(tenant, path, notAllowed(name, tenant));
        }
        var runtimeClass = Objects.requireNonNullElse(PodFields.spec(pod).getRuntimeClassName(), "");
        if (!runtimeClass.isEmpty()
                && !runtimeClass.equals(settings.get().runtimeClassName())
                && !runtimeClass.equals(name)) {
            return refused(
                    tenant,
                    "spec.runtimeClassName",
                    "\"" + runtimeClass + "\" is not the RuntimeClass of isolation profile \"" + name + "\"");
        }
        return new Choice(path + " asks for it", translate(pod, settings.get()));
    }

    private Choice standard(Pod pod, TenantProfiles tenant) {
        var first = translate(pod, tenant.standard());
        var own = new Choice("it is the tenant's standard profile, and the pod asks for none", first);
        if (!(first.workload() instanceof Unsupported(var field, var message))) {
            return own;
        }
        return tenant.standard().fallbacks().stream()
                .flatMap(name -> tenant.byName(name).stream())
                .map(settings -> translate(pod, settings))
                .filter(translation -> !(translation.workload() instanceof Unsupported))
                .findFirst()
                .map(translation -> new Choice(
                        "the first fallback of the tenant's standard profile \"" + first.profile()
                                + "\" that can run the pod, as that cannot (" + field + ": " + message + ")",
                        translation))
                .orElse(own);
    }

    private Translation translate(Pod pod, ProfileSettings settings) {
        var profile = bySandbox.get(settings.sandbox().wireName());
        return profile == null
                ? Translation.refused(
                        settings.name(),
                        new FieldViolation(
                                "spec", "sandbox " + settings.sandbox().wireName() + " is not available"))
                : profile.translate(pod, settings);
    }

    private static Choice refused(TenantProfiles tenant, String field, String message) {
        return new Choice(
                "the pod asks for what the tenant has not got",
                Translation.refused(tenant.standard().name(), new FieldViolation(field, message)));
    }

    private static String notAllowed(String name, TenantProfiles tenant) {
        var names = new java.util.TreeSet<String>();
        names.add(tenant.standard().name());
        tenant.allowed().forEach(each -> names.add(each.name()));
        return "\"" + name + "\" is not an isolation profile of this cluster (it has: " + String.join(", ", names)
                + ")";
    }

    private static String annotationPath() {
        return "metadata.annotations[" + ASK + "]";
    }

    private static String asked(@Nullable Map<String, String> marks) {
        return marks == null ? "" : marks.getOrDefault(ASK, "");
    }
}
