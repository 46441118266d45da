/// The three patches of the Kubernetes API that need no field ownership: JSON patch, JSON merge patch and strategic
/// merge patch. Server-side apply is in `apply`.
///
/// Pure functions: they leave their arguments alone and answer a new tree. What cannot be done is a
/// [io.insula.tenantapi.patch.PatchException], which knows the answer that upstream gives.
@NullMarked
package io.insula.tenantapi.patch;

import org.jspecify.annotations.NullMarked;
