/// Jobs, CronJobs and what becomes of finished Jobs.
///
/// First class to read: [JobController]. It reads a Job live (its status is the count of what has been
/// counted, and must never be older than the last write), its pods from the cache. [JobPods] and the `Job…`
/// records are pure; so is [CronSchedule].
@NullMarked
package io.insula.tenantapi.controllers.batch;

import org.jspecify.annotations.NullMarked;
