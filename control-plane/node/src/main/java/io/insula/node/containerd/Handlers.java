package io.insula.node.containerd;

/// The names of runtimes, as a RuntimeClass's `handler` has them.
public final class Handlers {

    public static final String RUNC = "runc";
    public static final String RUNSC = "runsc";
    public static final String KATA = "kata";

    private Handlers() {}
}
