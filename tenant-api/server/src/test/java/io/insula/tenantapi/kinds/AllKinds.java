package io.insula.tenantapi.kinds;

import io.insula.tenantapi.registry.ResourceKind;
import io.micronaut.context.BeanContext;
import java.util.List;

/// Every kind of these packages, found as a server finds them.
public final class AllKinds {

    private AllKinds() {}

    public static List<ResourceKind> load() {
        try (var beans = BeanContext.run()) {
            return beans.getBeansOfType(ResourceKind.class).stream()
                    .filter(k -> k.getClass().getPackageName().startsWith(AllKinds.class.getPackageName()))
                    .toList();
        }
    }

    /// @param apiVersion e.g. `apps/v1`
    public static ResourceKind find(String apiVersion, String kind) {
        return load().stream()
                .filter(k -> k.spec().kind().apiVersion().equals(apiVersion)
                        && k.spec().kind().kind().equals(kind))
                .findFirst()
                .orElseThrow();
    }
}
