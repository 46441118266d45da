/// Recounts what namespaces use of their ResourceQuotas. Charging happens at admission; `tenantapi.quota` measures for
/// both.
@NullMarked
package io.insula.tenantapi.controllers.quota;

import org.jspecify.annotations.NullMarked;
