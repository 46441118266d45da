/// The objects that exist in every tenant after its first start: namespaces, the RBAC bootstrap policy,
/// priority classes, the `kubernetes` Service, flow control.
///
/// [Bootstrap] is the entry point. What should exist is data (`rbac-policy.yaml`, `objects.yaml`, read by
/// `RbacPolicyFile` and `ObjectsFile`), what to do about what does exist is decided by pure functions
/// (`Wanted`), and one class writes. Runs at every start, does nothing the second time, and never takes away
/// what a tenant added.
///
/// Not here: what controllers make later (default service accounts, root certificates), the API server's
/// identity Lease, APIServices.
@NullMarked
package io.insula.tenantapi.bootstrap;

import org.jspecify.annotations.NullMarked;
