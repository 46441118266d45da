package io.insula.tenantapi.controllers;

import io.insula.reconcile.Outcome;

/// One controller of one tenant. Made by its [ControllerFactory]; its fields may hold state (expectations, graphs)
/// that is lost with the manager and must be rebuildable from the API.
///
/// [#reconcile] may run at any time, twice, or after a crash between any two of its writes, and must end in the same
/// place. For one key it never runs twice at once; for different keys up to [ControllerSpec#workers] run in parallel.
public interface Controller {

    /// Asked once, before anything runs.
    ControllerSpec spec();

    /// Brings the world of `key` closer to what is wanted. Runs on a virtual thread and may block. Stores of
    /// all watched resources have been filled before the first call.
    Outcome reconcile(Key key);
}
