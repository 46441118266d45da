/// RuntimeClass. Each kind is one stateless, package-private bean; see `kinds`.
@NullMarked
package io.insula.tenantapi.kinds.node;

import org.jspecify.annotations.NullMarked;
