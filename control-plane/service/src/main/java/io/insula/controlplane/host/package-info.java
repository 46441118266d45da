/// The host cluster: what it must hold before tenants can be ([HostSetup]).
@NullMarked
package io.insula.controlplane.host;

import org.jspecify.annotations.NullMarked;
