package io.insula.controlplane.home;

/// Which Insula this is.
public final class Release {

    /// As `insula --version` and a home's `state.json` tell.
    public static final String NAME = "0.1.0";

    private Release() {}
}
