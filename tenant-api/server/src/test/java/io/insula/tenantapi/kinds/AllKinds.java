package io.insula.tenantapi.kinds;

import io.insula.tenantapi.registry.ResourceKind;
import io.insula.tenantapi.registry.StoredKind;
import io.micronaut.context.BeanContext;
import java.util.List;
import java.util.Set;

/// Every kind that is built in, found as a server finds them: those of `kinds` and the
/// CustomResourceDefinition of `crd`, without the reviews.
public final class AllKinds {

    private static final Set<String> REVIEWS = Set.of("authentication.k8s.io", "authorization.k8s.io");

    private AllKinds() {}

    public static List<ResourceKind> load() {
        try (var beans = BeanContext.run()) {
            return beans.getBeansOfType(ResourceKind.class).stream()
                    .filter(k -> !REVIEWS.contains(k.spec().kind().group()))
                    .toList();
        }
    }

    /// Those of one role.
    public static <K extends ResourceKind> List<K> of(Class<K> role) {
        return load().stream().filter(role::isInstance).map(role::cast).toList();
    }

    /// @param apiVersion e.g. `apps/v1`
    public static StoredKind find(String apiVersion, String kind) {
        return of(StoredKind.class).stream()
                .filter(k -> k.spec().kind().apiVersion().equals(apiVersion)
                        && k.spec().kind().kind().equals(kind))
                .findFirst()
                .orElseThrow();
    }
}
