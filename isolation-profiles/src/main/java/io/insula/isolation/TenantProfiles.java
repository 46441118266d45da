package io.insula.isolation;

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
public record TenantProfiles(ProfileSettings standard, List<ProfileSettings> allowed) {

    public TenantProfiles {
        allowed = List.copyOf(allowed);
    }

    public static TenantProfiles only(ProfileSettings standard) {
        return new TenantProfiles(standard, List.of());
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
