/// The vocabulary of the Kubernetes API that everything in `tenant-api` shares: names of kinds and resources, object
/// metadata, field errors and the one exception that becomes a `Status`.
///
/// All types are immutable values or pure functions over JSON trees; nothing here does I/O.
@NullMarked
package io.insula.tenantapi.api;

import org.jspecify.annotations.NullMarked;
