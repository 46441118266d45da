/// Kubernetes' function libraries for CEL: each a class that declares and implements its functions. Stateless.
/// [io.insula.tenantapi.cel.library.Libraries] lists them. Source: kubernetes/apiserver, `pkg/cel/library`.
@NullMarked
package io.insula.tenantapi.cel.library;

import org.jspecify.annotations.NullMarked;
