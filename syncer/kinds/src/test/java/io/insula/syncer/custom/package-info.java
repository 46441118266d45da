@NullMarked
package io.insula.syncer.custom;

import org.jspecify.annotations.NullMarked;
