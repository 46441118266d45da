package io.insula.tenantapi.controllers;

import io.insula.tenantapi.api.GroupVersionResource;

/// The built-in resources that controllers speak of.
public final class Resources {

    public static final GroupVersionResource CONFIG_MAPS = core("configmaps");
    public static final GroupVersionResource ENDPOINTS = core("endpoints");
    public static final GroupVersionResource EVENTS = core("events");
    public static final GroupVersionResource NAMESPACES = core("namespaces");
    public static final GroupVersionResource NODES = core("nodes");
    public static final GroupVersionResource API_SERVICES =
            new GroupVersionResource("apiregistration.k8s.io", "v1", "apiservices");
    public static final GroupVersionResource PERSISTENT_VOLUME_CLAIMS = core("persistentvolumeclaims");
    public static final GroupVersionResource LIMIT_RANGES = core("limitranges");
    public static final GroupVersionResource PERSISTENT_VOLUMES = core("persistentvolumes");
    public static final GroupVersionResource PODS = core("pods");
    public static final GroupVersionResource REPLICATION_CONTROLLERS = core("replicationcontrollers");
    public static final GroupVersionResource SECRETS = core("secrets");
    public static final GroupVersionResource RESOURCE_QUOTAS = core("resourcequotas");
    public static final GroupVersionResource SERVICES = core("services");
    public static final GroupVersionResource SERVICE_ACCOUNTS = core("serviceaccounts");
    public static final GroupVersionResource CONTROLLER_REVISIONS = v1("apps", "controllerrevisions");
    public static final GroupVersionResource DAEMON_SETS = v1("apps", "daemonsets");
    public static final GroupVersionResource DEPLOYMENTS = v1("apps", "deployments");
    public static final GroupVersionResource REPLICA_SETS = v1("apps", "replicasets");
    public static final GroupVersionResource STATEFUL_SETS = v1("apps", "statefulsets");
    public static final GroupVersionResource HORIZONTAL_POD_AUTOSCALERS =
            new GroupVersionResource("autoscaling", "v2", "horizontalpodautoscalers");
    public static final GroupVersionResource CERTIFICATE_SIGNING_REQUESTS =
            v1("certificates.k8s.io", "certificatesigningrequests");
    public static final GroupVersionResource STORAGE_CLASSES = v1("storage.k8s.io", "storageclasses");
    public static final GroupVersionResource CRON_JOBS = v1("batch", "cronjobs");
    public static final GroupVersionResource JOBS = v1("batch", "jobs");
    public static final GroupVersionResource LEASES = v1("coordination.k8s.io", "leases");
    public static final GroupVersionResource ENDPOINT_SLICES = v1("discovery.k8s.io", "endpointslices");
    public static final GroupVersionResource RUNTIME_CLASSES = v1("node.k8s.io", "runtimeclasses");
    public static final GroupVersionResource SERVICE_CIDRS = v1("networking.k8s.io", "servicecidrs");
    public static final GroupVersionResource IP_ADDRESSES = v1("networking.k8s.io", "ipaddresses");
    public static final GroupVersionResource POD_DISRUPTION_BUDGETS = v1("policy", "poddisruptionbudgets");
    public static final GroupVersionResource CLUSTER_ROLES = v1("rbac.authorization.k8s.io", "clusterroles");
    public static final GroupVersionResource CUSTOM_RESOURCE_DEFINITIONS =
            v1("apiextensions.k8s.io", "customresourcedefinitions");

    private Resources() {}

    private static GroupVersionResource core(String resource) {
        return new GroupVersionResource("", "v1", resource);
    }

    private static GroupVersionResource v1(String group, String resource) {
        return new GroupVersionResource(group, "v1", resource);
    }
}
