package io.insula.node.eviction;

/// What a node can run short of, in the order in which it is seen to.
///
/// Source: Kubernetes, "Node-pressure Eviction", eviction signals.
public enum Signal {
    MEMORY("memory.available", "MemoryPressure", "memory"),
    NODE_FILES("nodefs.available", "DiskPressure", "ephemeral-storage"),
    NODE_INODES("nodefs.inodesFree", "DiskPressure", "inodes"),
    IMAGE_FILES("imagefs.available", "DiskPressure", "ephemeral-storage"),
    IMAGE_INODES("imagefs.inodesFree", "DiskPressure", "inodes"),
    PROCESSES("pid.available", "PIDPressure", "pids");

    private final String title;
    private final String condition;
    private final String resource;

    Signal(String title, String condition, String resource) {
        this.title = title;
        this.condition = condition;
        this.resource = resource;
    }

    /// As kubelets are configured with it.
    public String title() {
        return title;
    }

    /// Of the node, while it presses.
    public String condition() {
        return condition;
    }

    public String resource() {
        return resource;
    }

    /// Whether unused images and containers may be in the way.
    public boolean isOfDisks() {
        return condition.equals("DiskPressure");
    }
}
