/// Discovery: which groups, versions and resources this server serves, in the legacy and the aggregated form.
///
/// [Discovery] is built from the kinds' own declarations and never changes; a server swaps it for a new one when custom
/// resources come or go.
@NullMarked
package io.insula.tenantapi.discovery;

import org.jspecify.annotations.NullMarked;
