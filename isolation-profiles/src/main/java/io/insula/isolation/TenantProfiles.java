package io.insula.isolation;

import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Which profiles one tenant may use. Immutable.
///
/// @param standard what a pod gets that asks for none
/// @param allowed every profile it may ask for; `standard` need not be repeated
/// @param rules what a pod gets that asks for none, by what it needs: the first whose condition holds
public record TenantProfiles(ProfileSettings standard, List<ProfileSettings> allowed, List<ProfileRule> rules) {

    public TenantProfiles {
        allowed = List.copyOf(allowed);
        rules = List.copyOf(rules);
    }

    /// Without rules.
    public TenantProfiles(ProfileSettings standard, List<ProfileSettings> allowed) {
        this(standard, allowed, List.of());
    }

    /// The first rule that means a pod, whatever it asks for.
    ///
    /// @throws IllegalArgumentException where a rule before it cannot be evaluated
    Optional<ProfileRule> rule(Pod pod) {
        for (var rule : rules) {
            try {
                if (rule.condition().holds(pod)) {
                    return Optional.of(rule);
                }
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        "the rule \"" + rule.when() + "\" cannot be told of it: " + e.getMessage(), e);
            }
        }
        return Optional.empty();
    }

    public static TenantProfiles only(ProfileSettings standard) {
        return new TenantProfiles(standard, List.of());
    }

    /// With another state of the profile of this name.
    public TenantProfiles with(ProfileSettings changed) {
        return new TenantProfiles(
                standard.name().equals(changed.name()) ? changed : standard,
                allowed.stream()
                        .map(each -> each.name().equals(changed.name()) ? changed : each)
                        .toList(),
                rules);
    }

    /// For pods whose profile the rules have decided about.
    public TenantProfiles withoutRules() {
        return rules.isEmpty() ? this : new TenantProfiles(standard, allowed);
    }

    /// Each once, the standard one first.
    public List<ProfileSettings> all() {
        return Stream.concat(Stream.of(standard), allowed.stream()).distinct().toList();
    }

    /// The RuntimeClasses that these profiles use on the host.
    public Set<String> runtimeClassNames() {
        return Stream.concat(Stream.of(standard), allowed.stream())
                .map(ProfileSettings::runtimeClassName)
                .filter(name -> !name.isEmpty())
                .collect(Collectors.toUnmodifiableSet());
    }

    /// Whether a pod that names this RuntimeClass asks for one of them.
    public boolean haveRuntimeClass(String name) {
        return byRuntimeClass(name).isPresent();
    }

    /// How far the network of the tenant's pods reaches: as far as the strictest of the profiles lets it.
    public NetworkReach network() {
        return all().stream().map(ProfileSettings::network).reduce(standard.network(), NetworkReach::strictest);
    }

    /// What new host pods of the profile of this name say to their nodes.
    public Map<String, String> hostAnnotations(String profile) {
        return byName(profile).map(ProfileSettings::hostAnnotations).orElse(Map.of());
    }

    Optional<ProfileSettings> byName(String name) {
        return standard.name().equals(name)
                ? Optional.of(standard)
                : allowed.stream().filter(each -> each.name().equals(name)).findFirst();
    }

    Optional<ProfileSettings> byRuntimeClass(String runtimeClass) {
        return standard.runtimeClassName().equals(runtimeClass)
                ? Optional.of(standard)
                : allowed.stream()
                        .filter(each -> each.runtimeClassName().equals(runtimeClass))
                        .findFirst()
                        .or(() -> byName(runtimeClass));
    }
}
