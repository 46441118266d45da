/// `metrics.k8s.io`: what nodes and pods use now. Only servers that are given a [MetricsSource] serve it, by
/// [MetricsKinds]; upstream has it from metrics-server, an API server behind its own.
@NullMarked
package io.insula.tenantapi.usage;

import org.jspecify.annotations.NullMarked;
