/// Addresses of Services: what may become of their ranges. Begin with [ServiceCidrController].
@NullMarked
package io.insula.tenantapi.controllers.network;

import org.jspecify.annotations.NullMarked;
