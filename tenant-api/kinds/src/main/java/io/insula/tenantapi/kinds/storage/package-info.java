/// Storage classes, CSI objects, volume attachments. Each kind is one stateless, package-private bean; see `kinds`.
@NullMarked
package io.insula.tenantapi.kinds.storage;

import org.jspecify.annotations.NullMarked;
