package io.insula.rules.keys;

/// Kubernetes' own labels, annotations, taints, finalizers and the like, as far as more than one class here needs them.
///
/// Source: Kubernetes documentation, "Well-Known Labels, Annotations and Taints".
public final class WellKnownKeys {

    /// Extra of a user: by which credential it was found out.
    public static final String CREDENTIAL_ID = "authentication.kubernetes.io/credential-id";

    /// Label of nodes: the operating system, by its name before 1.14.
    public static final String BETA_OPERATING_SYSTEM = "beta.kubernetes.io/os";

    /// Label of nodes: the processor's architecture, by its name before 1.14.
    public static final String BETA_ARCHITECTURE = "beta.kubernetes.io/arch";

    /// Label of nodes: what kind of machine it is, by its name before 1.17.
    public static final String BETA_INSTANCE_TYPE = "beta.kubernetes.io/instance-type";

    /// Label of nodes and volumes: where in its region it is.
    public static final String ZONE = "topology.kubernetes.io/zone";

    /// Label of nodes and volumes: where it is.
    public static final String REGION = "topology.kubernetes.io/region";

    /// Label of nodes: where it is, by its name before 1.17.
    public static final String BETA_REGION = "failure-domain.beta.kubernetes.io/region";

    /// Label of nodes: where in its region it is, by its name before 1.17.
    public static final String BETA_ZONE = "failure-domain.beta.kubernetes.io/zone";

    /// Annotation of pods: their seccomp profile, before there was a field.
    public static final String SECCOMP_POD = "seccomp.security.alpha.kubernetes.io/pod";

    /// Label of nodes: what kind of machine it is.
    public static final String INSTANCE_TYPE = "node.kubernetes.io/instance-type";

    /// Type of Secrets: a token by which machines join, and get their first certificate.
    public static final String BOOTSTRAP_TOKEN = "bootstrap.kubernetes.io/token";

    /// Signer of the certificates that kubelets serve with.
    public static final String KUBELET_SERVING = "kubernetes.io/kubelet-serving";

    /// Label of IPAddresses: who allocated it.
    public static final String IP_MANAGED_BY = "ipaddress.kubernetes.io/managed-by";

    /// Annotation of pods that a node made from a file of its own: the digest of that.
    public static final String MIRROR_POD = "kubernetes.io/config.mirror";

    /// Annotation of audit events: `allow` or `forbid`.
    public static final String AUDIT_DECISION = "authorization.k8s.io/decision";

    /// Annotation of audit events: why.
    public static final String AUDIT_REASON = "authorization.k8s.io/reason";

    /// Prefix of annotations: a container's AppArmor profile, as written before there was a field.
    public static final String APP_ARMOR_PREFIX = "container.apparmor.security.beta.kubernetes.io/";

    /// Prefix of annotations: a container's seccomp profile, as written before there was a field.
    public static final String SECCOMP_PREFIX = "container.seccomp.security.alpha.kubernetes.io/";

    /// Label of Endpoints: which controller writes them.
    public static final String ENDPOINTS_MANAGER = "endpoints.kubernetes.io/managed-by";

    /// Label of EndpointSlices: which controller writes them.
    public static final String SLICE_MANAGER = "endpointslice.kubernetes.io/managed-by";

    /// Label of Endpoints that have no mirrored slices: `true`.
    public static final String SKIP_MIRROR = "endpointslice.kubernetes.io/skip-mirror";

    /// Annotation: what `kubectl apply` last sent.
    public static final String LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

    /// What Kubernetes' own keys and signers begin with.
    public static final String KUBERNETES_PREFIX = "kubernetes.io/";

    /// Label of nodes: the processor's architecture, as Go names it.
    public static final String ARCHITECTURE = "kubernetes.io/arch";

    /// Label of nodes: what the machine calls itself.
    public static final String HOSTNAME = "kubernetes.io/hostname";

    /// Label of nodes: the operating system, as Go names it.
    public static final String OPERATING_SYSTEM = "kubernetes.io/os";

    /// Name of the signer of client certificates.
    public static final String CLIENT_SIGNER = "kubernetes.io/kube-apiserver-client";

    /// Label of such Secrets: since when nobody is let in by them.
    public static final String TOKEN_INVALID_SINCE = "kubernetes.io/legacy-token-invalid-since";

    /// Label of such Secrets: the day of the last use.
    public static final String TOKEN_LAST_USED = "kubernetes.io/legacy-token-last-used";

    /// Label of each namespace: its name.
    public static final String NAMESPACE_NAME = "kubernetes.io/metadata.name";

    /// Finalizer of volumes that a claim is bound to.
    public static final String PV_PROTECTION = "kubernetes.io/pv-protection";

    /// Finalizer of claims that a pod uses.
    public static final String PVC_PROTECTION = "kubernetes.io/pvc-protection";

    /// Type of Secrets that hold a service account's token.
    public static final String ACCOUNT_TOKEN = "kubernetes.io/service-account-token";

    /// Annotation of such Secrets: whose token.
    public static final String ACCOUNT_NAME = "kubernetes.io/service-account.name";

    /// Annotation of such Secrets: the account's uid.
    public static final String ACCOUNT_UID = "kubernetes.io/service-account.uid";

    /// Label of EndpointSlices: their Service.
    public static final String SERVICE_NAME = "kubernetes.io/service-name";

    /// Prefix of the taints that conditions of a node make.
    public static final String NODE_PREFIX = "node.kubernetes.io/";

    /// Taint of nodes that are not ready.
    public static final String NOT_READY = "node.kubernetes.io/not-ready";

    /// Taint of nodes that do not answer.
    public static final String UNREACHABLE = "node.kubernetes.io/unreachable";

    /// Taint of nodes that have been cordoned.
    public static final String UNSCHEDULABLE = "node.kubernetes.io/unschedulable";

    /// Annotation of claims whose binding has come to its end: `yes`.
    public static final String BIND_COMPLETED = "pv.kubernetes.io/bind-completed";

    /// Annotation of claims and volumes that their controller bound, not their author: `yes`.
    public static final String BOUND_BY_CONTROLLER = "pv.kubernetes.io/bound-by-controller";

    /// Annotation of claims: who is to make their volume.
    public static final String STORAGE_PROVISIONER = "volume.kubernetes.io/storage-provisioner";

    /// The same by its name before 1.23.
    public static final String BETA_STORAGE_PROVISIONER = "volume.beta.kubernetes.io/storage-provisioner";

    /// Annotation of Ingresses: their class, as written before there was a field.
    public static final String INGRESS_CLASS = "kubernetes.io/ingress.class";

    /// Annotation of the IngressClass of Ingresses that name none: `true`.
    public static final String DEFAULT_INGRESS_CLASS = "ingressclass.kubernetes.io/is-default-class";

    /// Label of what belongs to a Service without an address.
    public static final String HEADLESS = "service.kubernetes.io/headless";

    /// Annotation of the StorageClass of claims that name none: `true`.
    public static final String DEFAULT_STORAGE_CLASS = "storageclass.kubernetes.io/is-default-class";

    /// Annotation of claims and volumes: their class, as written before there was a field.
    public static final String STORAGE_CLASS = "volume.beta.kubernetes.io/storage-class";

    /// Annotation of claims: where the pod that waits for the volume will run.
    public static final String SELECTED_NODE = "volume.kubernetes.io/selected-node";
    /// Annotation of a volume: which provisioner made it.
    public static final String PROVISIONED_BY = "pv.kubernetes.io/provisioned-by";

    private WellKnownKeys() {}
}
