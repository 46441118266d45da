/// Jobs and CronJobs. Each kind is one stateless, package-private bean; see `kinds`.
@NullMarked
package io.insula.tenantapi.kinds.batch;

import org.jspecify.annotations.NullMarked;
