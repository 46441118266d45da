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

    /// Annotation: the tenant object's kind.
    public static final String KIND = "insula.io/kind";

    /// Annotation of host Services: the name outside of its cluster that the tenant's Service stands for.
    public static final String EXTERNAL_NAME = "insula.io/external-name";

    /// Annotation of host pods: the Service below whose name the tenant's pod has one of its own.
    public static final String SUBDOMAIN = "insula.io/subdomain";

    /// Annotation of host pods: how many processes and threads the pod may have on its node, where that is fewer
    /// than the node lets every pod have.
    public static final String PIDS_LIMIT = "insula.io/pids-limit";

    /// Label on everything the syncer owns, on either side.
    public static final String MANAGED_BY = "insula.io/managed-by";

    /// What that label says.
    public static final String SYNCER = "insula-syncer";

    /// Annotation, and key of the taint, of nodes that only say that pods run.
    public static final String SIMULATED = "insula.io/simulated";

    private InsulaKeys() {}
}
