/// Tests of the API server as a whole.
@NullMarked
package io.insula.tenantapi;

import org.jspecify.annotations.NullMarked;
