@NullMarked
package io.insula.rules.network;

import org.jspecify.annotations.NullMarked;
