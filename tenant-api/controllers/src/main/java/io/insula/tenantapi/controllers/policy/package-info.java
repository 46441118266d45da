/// Keeps the status of PodDisruptionBudgets, which evictions are decided on.
@NullMarked
package io.insula.tenantapi.controllers.policy;

import org.jspecify.annotations.NullMarked;
