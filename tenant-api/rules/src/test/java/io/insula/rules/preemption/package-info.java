@NullMarked
package io.insula.rules.preemption;

import org.jspecify.annotations.NullMarked;
