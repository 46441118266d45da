/// Workloads of group `apps`: replica sets keep a number of pods, deployments roll replica sets over.
///
/// Deciding is pure where numbers are concerned ([io.insula.tenantapi.controllers.apps.RolloutMath],
/// [io.insula.tenantapi.controllers.apps.PodRanking]); the controllers read caches and write.
@NullMarked
package io.insula.tenantapi.controllers.apps;

import org.jspecify.annotations.NullMarked;
