/// Ties our tests to the names of upstream's conformance tests: [Conformance] on a test names those that it proves,
/// [ConformanceTable] makes `CONFORMANCE.md` of it. Other modules take both from this module's test-jar.
@NullMarked
package io.insula.tenantapi.conformance;

import org.jspecify.annotations.NullMarked;
