package io.insula.tenantapi.cel.library;

import dev.cel.common.types.CelType;
import dev.cel.common.types.OpaqueType;
import io.insula.rules.resources.Quantity;
import java.util.List;
import java.util.Map;

/// The types that Kubernetes' libraries add to CEL, and the Java classes of their values.
public final class CelObjects {

    public static final OpaqueType QUANTITY = OpaqueType.create("kubernetes.Quantity");
    public static final OpaqueType URL = OpaqueType.create("kubernetes.URL");
    public static final OpaqueType IP = OpaqueType.create("net.IP");
    public static final OpaqueType CIDR = OpaqueType.create("net.CIDR");
    public static final OpaqueType FORMAT = OpaqueType.create("kubernetes.NamedFormat");
    public static final OpaqueType SEMVER = OpaqueType.create("kubernetes.Semver");
    public static final OpaqueType AUTHORIZER = OpaqueType.create("kubernetes.authorization.Authorizer");
    public static final OpaqueType PATH_CHECK = OpaqueType.create("kubernetes.authorization.PathCheck");
    public static final OpaqueType GROUP_CHECK = OpaqueType.create("kubernetes.authorization.GroupCheck");
    public static final OpaqueType RESOURCE_CHECK = OpaqueType.create("kubernetes.authorization.ResourceCheck");
    public static final OpaqueType DECISION = OpaqueType.create("kubernetes.authorization.Decision");

    private static final Map<String, Class<?>> CLASSES = Map.ofEntries(
            Map.entry(QUANTITY.name(), Quantity.class),
            Map.entry(URL.name(), Url.class),
            Map.entry(IP.name(), Ip.class),
            Map.entry(CIDR.name(), Cidr.class),
            Map.entry(FORMAT.name(), NamedFormat.class),
            Map.entry(SEMVER.name(), Semver.class),
            Map.entry(AUTHORIZER.name(), Authorization.class),
            Map.entry(PATH_CHECK.name(), Authorization.PathCheck.class),
            Map.entry(GROUP_CHECK.name(), Authorization.GroupCheck.class),
            Map.entry(RESOURCE_CHECK.name(), Authorization.ResourceCheck.class),
            Map.entry(DECISION.name(), Authorization.Decision.class));

    private CelObjects() {}

    /// All of them.
    public static List<CelType> all() {
        return List.of(
                QUANTITY, URL, IP, CIDR, FORMAT, SEMVER, AUTHORIZER, PATH_CHECK, GROUP_CHECK, RESOURCE_CHECK, DECISION);
    }

    /// Whether `value` is of one of them: comparing two takes one unit whatever their size.
    public static boolean isOne(Object value) {
        return CLASSES.containsValue(value.getClass());
    }

    static Class<?> javaClass(CelType type) {
        Class<?> known = CLASSES.get(type.name());
        if (known == null) {
            throw new IllegalArgumentException("no class for the type " + type.name());
        }
        return known;
    }
}
