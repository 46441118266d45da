/// Ingress, NetworkPolicy, EndpointSlice, and the address bookkeeping of Services. Each kind is one stateless,
/// package-private bean; see `kinds`.
@NullMarked
package io.insula.tenantapi.kinds.networking;

import org.jspecify.annotations.NullMarked;
