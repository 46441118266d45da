/// Admission: plugins that may change (mutating) or refuse (validating) a write after authorization.
@NullMarked
package io.insula.tenantapi.admission;

import org.jspecify.annotations.NullMarked;
