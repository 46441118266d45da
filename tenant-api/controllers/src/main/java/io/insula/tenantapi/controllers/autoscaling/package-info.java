/// Scales workloads by what their pods use. The usage comes from `metrics.k8s.io` where the cluster serves
/// it; where it does not, the autoscaler says so in its conditions as upstream's does, and keeps within its
/// bounds. Custom and external metrics are not read.
@NullMarked
package io.insula.tenantapi.controllers.autoscaling;

import org.jspecify.annotations.NullMarked;
