@NullMarked
package io.insula.rules.resources;

import org.jspecify.annotations.NullMarked;
