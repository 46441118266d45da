package io.insula.rules.keys;

/// Insula's own labels that modules need which have nothing else in common.
public final class InsulaKeys {

    /// Label of nodes: the pool by which isolation profiles choose them.
    public static final String NODE_POOL = "insula.io/node-pool";

    /// Label and annotation: which tenant a namespace of the host, or what is in it, belongs to.
    public static final String TENANT = "insula.io/tenant";

    /// Label and annotation: the object's namespace in the tenant; absent for cluster-scoped objects.
    public static final String NAMESPACE = "insula.io/namespace";

    /// Annotation: the object's name in the tenant.
    public static final String NAME = "insula.io/name";

    /// Label on everything the syncer owns, on either side.
    public static final String MANAGED_BY = "insula.io/managed-by";

    /// What that label says.
    public static final String SYNCER = "insula-syncer";

    /// Annotation, and key of the taint, of nodes that only say that pods run.
    public static final String SIMULATED = "insula.io/simulated";

    private InsulaKeys() {}
}
