/// HorizontalPodAutoscaler in v1 and v2, and the conversion between the two. Each kind is one stateless,
/// package-private bean; see `kinds`.
@NullMarked
package io.insula.tenantapi.kinds.autoscaling;

import org.jspecify.annotations.NullMarked;
