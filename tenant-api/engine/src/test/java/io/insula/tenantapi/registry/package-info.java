/// Tests of the engine over a store in memory, with a few kinds of their own.
@NullMarked
package io.insula.tenantapi.registry;

import org.jspecify.annotations.NullMarked;
