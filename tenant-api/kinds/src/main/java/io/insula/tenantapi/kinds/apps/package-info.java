/// Workloads of apps/v1. Each kind is one stateless, package-private bean; see `kinds`.
@NullMarked
package io.insula.tenantapi.kinds.apps;

import org.jspecify.annotations.NullMarked;
