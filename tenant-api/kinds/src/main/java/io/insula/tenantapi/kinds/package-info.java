/// Every built-in kind that Kubernetes 1.34 serves by default. A kind is one file in the package of its API group: a
/// package-private `@Singleton` [io.insula.tenantapi.registry.StoredKind] with its declaration, defaults, validation,
/// printer columns and subresources. This package holds what several of them share: `Printers` (cell texts),
/// `Fields` (defaults), `Checks` (validation), `PodTemplates` (everything that has a pod in it), `WorkloadKind` and
/// `ReplicaKind` (what workloads have in common).
///
/// Kinds are stateless and shared by all servers of a JVM; all functions here are pure. The review kinds of
/// authentication.k8s.io and authorization.k8s.io live in `review`.
@NullMarked
package io.insula.tenantapi.kinds;

import org.jspecify.annotations.NullMarked;
