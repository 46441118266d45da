package io.insula.syncer.kinds;

/// The names of a pod's lists, where a patch or a status of it is written as a tree. What is read is read by types.
final class PodLists {

    static final String INIT = "initContainers";
    static final String ORDINARY = "containers";
    static final String EPHEMERAL = "ephemeralContainers";
    static final String INIT_STATUSES = "initContainerStatuses";
    static final String STATUSES = "containerStatuses";

    private PodLists() {}
}
