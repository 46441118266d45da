/// Roles and bindings: form only; what they grant is `rbac`'s. Each kind is one stateless, package-private bean; see
/// `kinds`.
@NullMarked
package io.insula.tenantapi.kinds.rbac;

import org.jspecify.annotations.NullMarked;
