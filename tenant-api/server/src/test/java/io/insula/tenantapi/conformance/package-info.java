/// Ties our tests to the names of upstream's conformance tests. One annotation, [Conformance]; other modules take it
/// from
/// this module's test-jar.
@NullMarked
package io.insula.tenantapi.conformance;

import org.jspecify.annotations.NullMarked;
