/// What the tests of this module share: an in-memory [FakeObjectClient].
@NullMarked
package io.insula.tenantapi.fake;

import org.jspecify.annotations.NullMarked;
