/// Virtual addresses of Services: the [ClusterIps] port and the allocator that a server uses by itself.
@NullMarked
package io.insula.tenantapi.service;

import org.jspecify.annotations.NullMarked;
