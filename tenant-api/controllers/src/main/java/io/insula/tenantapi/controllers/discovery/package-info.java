/// Which pods stand behind a Service: Endpoints and EndpointSlices.
///
/// `Backends` is the pure part both share: from a Service and pods to addresses with their ports.
@NullMarked
package io.insula.tenantapi.controllers.discovery;

import org.jspecify.annotations.NullMarked;
