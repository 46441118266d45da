/// A kind, an admission plugin and a controller of one class each, which nothing names: a server finds them.
@NullMarked
package io.insula.tenantapi.madeup;

import org.jspecify.annotations.NullMarked;
