package io.insula.node.pod;

/// By which a node finds what it has made again, with the kubelet's names: other tools know them.
public final class Labels {

    public static final String POD_NAME = "io.kubernetes.pod.name";
    public static final String POD_NAMESPACE = "io.kubernetes.pod.namespace";
    public static final String POD_UID = "io.kubernetes.pod.uid";
    public static final String CONTAINER = "io.kubernetes.container.name";
    /// Whose pod it is, where several nodes share a runtime.
    public static final String NODE = "insula.io/node";

    private Labels() {}
}
