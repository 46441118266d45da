/// FlowSchema and PriorityLevelConfiguration. Each kind is one stateless, package-private bean; see `kinds`.
@NullMarked
package io.insula.tenantapi.kinds.flowcontrol;

import org.jspecify.annotations.NullMarked;
