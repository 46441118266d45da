/// events.k8s.io/v1: the same stored objects as the core group's Events, in another form. Each kind is one stateless,
/// package-private bean; see `kinds`.
@NullMarked
package io.insula.tenantapi.kinds.events;

import org.jspecify.annotations.NullMarked;
