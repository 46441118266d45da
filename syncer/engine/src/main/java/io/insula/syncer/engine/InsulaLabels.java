package io.insula.syncer.engine;

import io.insula.isolation.HostPolicy;
import io.insula.rules.keys.InsulaKeys;

/// Every label and annotation that the syncer puts on host objects, and those it strips from tenants' objects; those
/// that the policies of isolation profiles look at are theirs.
public final class InsulaLabels {

    /// Nothing under this prefix that a tenant writes reaches the host.
    public static final String PREFIX = "insula.io/";

    /// Label and annotation: which tenant.
    public static final String TENANT = HostPolicy.TENANT;
    /// Label and annotation: the object's namespace in the tenant; absent for cluster-scoped objects.
    public static final String NAMESPACE = InsulaKeys.NAMESPACE;
    /// Annotation: the object's name in the tenant.
    public static final String NAME = InsulaKeys.NAME;
    /// Annotation: the tenant object's uid.
    public static final String UID = HostPolicy.UID;
    /// Annotation: the tenant object's kind.
    public static final String KIND = InsulaKeys.KIND;
    /// Label: finds the host object of one tenant object by selector; a hash, as names need not be label
    /// values.
    public static final String OBJECT = "insula.io/object";
    /// Label on everything the syncer owns, on either side.
    public static final String MANAGED_BY = InsulaKeys.MANAGED_BY;
    public static final String SYNCER = InsulaKeys.SYNCER;
    /// Annotation: the tenant object's resourceVersion when it was last written to the host. A store
    /// that has not come so far was set back to an older state.
    public static final String REVISION = "insula.io/revision";
    /// Annotation: hash of what was applied, so that removed fields are noticed.
    public static final String APPLIED = "insula.io/applied";
    /// Annotation: the isolation profile that translated a pod.
    public static final String PROFILE = HostPolicy.PROFILE;
    /// Annotation: when this object was written ahead of its tenant object, which is still being admitted.
    public static final String RESERVED = "insula.io/reserved";
    /// Label of host objects that its administrators let all tenants see and use: `true`.
    public static final String SHARED = "insula.io/shared";
    /// Label of host pods that no ingress policy of their tenant is for: `true`.
    public static final String OPEN = "insula.io/open";
    /// Label of host pods that no egress policy of their tenant is for: `true`.
    public static final String OPEN_EGRESS = "insula.io/open-egress";
    /// Annotation: what of the tenant object was left out, in the words that the tenant was told.
    public static final String REFUSED = "insula.io/refused";
    /// Annotation of audit events: why it was done.
    public static final String REASON = "insula.io/reason";
    /// Annotation: when the tokens in a Secret are to be renewed.
    public static final String RENEW = "insula.io/renew";
    /// Label of a host object whose tenant object is gone: the control plane asks the tenant as well, and deletes it.
    public static final String ENDING = "insula.io/ending";
    /// Annotation of a tenant's host namespace: the uid of the tenant's namespace kube-system, by which its cluster is
    /// known again. Before it is written the namespace counts as new.
    public static final String CLUSTER_UID = "insula.io/cluster-uid";
    /// Annotation of a tenant's object that shows one of the host's: what it was made from. The tenant looks at it
    /// only.
    public static final String SHOWN = "insula.io/shown";
    /// On a tenant's Node: which of its taints are the host's, so that the others are known as the tenant's own.
    public static final String HOST_TAINTS = "insula.io/host-taints";
    /// Annotation of whatever names a tenant to its superuser, with any value: a person has looked, and what is held
    /// back may be deleted.
    public static final String RELEASE_DELETES = "insula.io/release-deletes";
    /// Annotation of a Tenant, with any value: nothing of it runs until somebody asks it for something.
    public static final String ASLEEP = "insula.io/asleep";
    /// Annotation of a Tenant: the name of the backup that it is to be set back to; taken off when that is done, or
    /// cannot be.
    public static final String RESTORE = "insula.io/restore";
    /// Annotation of a Tenant: the name of the backup that it was set back to. Until a person says that what came
    /// later goes, it is kept on the host.
    public static final String RESTORED = "insula.io/restored";
    /// Tenants' own labels are kept on the host under this prefix, so that no selector of the host's matches
    /// them.
    public static final String TENANT_LABEL_PREFIX = "tenant.insula.io/";

    private InsulaLabels() {}
}
