/// Dynamic resource allocation. Each kind is one stateless, package-private bean; see `kinds`.
@NullMarked
package io.insula.tenantapi.kinds.resource;

import org.jspecify.annotations.NullMarked;
