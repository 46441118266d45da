/// The core group (`v1`): pods, services, configuration, nodes, namespaces and what binds them. Each kind is one
/// stateless, package-private bean; see `kinds`.
@NullMarked
package io.insula.tenantapi.kinds.core;

import org.jspecify.annotations.NullMarked;
