/// The tenant's own controller manager, in process: the reconcile loop and what every controller shares.
///
/// - [ControllerFactory] is what is registered (one `@Singleton` per controller); [Controller] is its per-tenant half,
///   which declares a [ControllerSpec] and reconciles one [Key] at a time to an [io.insula.reconcile.Outcome].
/// - [ControllerManagers] starts a [ControllerManager] for one tenant from every registered factory.
/// - An informer (behind [Store]) lists and watches one resource of one tenant, once for all its controllers.
///
/// Threads: none when idle. A reconcile runs on a virtual thread taken from the given executor; delays sit in one
/// timer shared by all tenants; watch events arrive on the server's pool and only enqueue names.
///
/// Controllers see the API through [io.insula.tenantapi.ports.ObjectClient] alone, so nothing here knows of storage,
/// HTTP or other tenants. Leader election is not needed: one server instance runs one manager.
@NullMarked
package io.insula.tenantapi.controllers;

import org.jspecify.annotations.NullMarked;
