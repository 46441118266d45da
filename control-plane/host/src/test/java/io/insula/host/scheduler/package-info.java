/// Tests.
@NullMarked
package io.insula.host.scheduler;

import org.jspecify.annotations.NullMarked;
