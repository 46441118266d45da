package io.insula.tenantapi.kinds.core;

import io.insula.rules.keys.WellKnownKeys;
import io.insula.rules.resources.Quantity;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.kinds.Checks;
import java.math.BigDecimal;
import java.util.Set;

/// Names of resources where quotas and limit ranges speak of them, and what amounts they take. Source: kubernetes
/// `pkg/apis/core/helper` and `pkg/apis/core/validation`, `validateResourceName` and what calls it.
final class ResourceNames {

    private static final Set<String> OF_CONTAINERS = Set.of("cpu", "memory", "ephemeral-storage");
    private static final Set<String> COUNTED = Set.of(
            "pods",
            "resourcequotas",
            "services",
            "replicationcontrollers",
            "secrets",
            "configmaps",
            "persistentvolumeclaims",
            "services.nodeports",
            "services.loadbalancers");
    private static final Set<String> MEASURED = Set.of(
            "cpu",
            "memory",
            "ephemeral-storage",
            "requests.cpu",
            "requests.memory",
            "requests.storage",
            "requests.ephemeral-storage",
            "limits.cpu",
            "limits.memory",
            "limits.ephemeral-storage");

    private ResourceNames() {}

    static boolean isStandardOfQuotas(String name) {
        return COUNTED.contains(name)
                || MEASURED.contains(name)
                || isHugePages(name)
                || name.startsWith("requests.hugepages-");
    }

    /// Finds what keeps a quota from limiting it.
    static void quota(String name, String at, Checks checks) {
        if (standard(name, at, checks) && !name.contains("/") && !isStandardOfQuotas(name)) {
            checks.add(FieldError.invalid(at, name, "must be a standard resource for quota"));
        }
    }

    /// Finds what keeps a limit of this type from speaking of it.
    static void limit(String type, String name, String at, Checks checks) {
        boolean ofContainers = type.equals("Pod") || type.equals("Container");
        if (standard(name, at, checks)
                && ofContainers
                && !name.contains("/")
                && !OF_CONTAINERS.contains(name)
                && !isHugePages(name)) {
            checks.add(FieldError.invalid(at, name, "must be a standard resource for containers"));
        }
    }

    /// Answers whether its form is one; a name that nobody knows is told here too.
    private static boolean standard(String name, String at, Checks checks) {
        String finding = Checks.qualifiedName(name);
        if (!finding.isEmpty()) {
            checks.add(FieldError.invalid(at, name, finding));
            return false;
        }
        if (!name.contains("/") && !name.equals("storage") && !isStandardOfQuotas(name)) {
            checks.add(FieldError.invalid(at, name, "must be a standard resource type or fully qualified"));
        }
        return true;
    }

    /// Not negative, and whole where things are counted.
    static void amount(String name, String text, String at, Checks checks) {
        Quantity amount = Quantity.orZero(text);
        if (amount.value().signum() < 0) {
            checks.add(FieldError.invalid(at, amount.toString(), Checks.NOT_NEGATIVE));
        }
        boolean isWhole = amount.value().remainder(BigDecimal.ONE).signum() == 0;
        if (!isWhole && (COUNTED.contains(name) || isExtended(name))) {
            checks.add(FieldError.invalid(at, amount.toString(), "must be an integer"));
        }
    }

    /// Whether limits may promise more of it than requests reserve.
    static boolean isOvercommitted(String name) {
        return !isHugePages(name) && (!name.contains("/") || name.contains(WellKnownKeys.KUBERNETES_PREFIX));
    }

    private static boolean isExtended(String name) {
        return name.contains("/") && !name.contains(WellKnownKeys.KUBERNETES_PREFIX) && !name.startsWith("requests.");
    }

    private static boolean isHugePages(String name) {
        return name.startsWith("hugepages-");
    }
}
