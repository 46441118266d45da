/// CertificateSigningRequest and its approval. Each kind is one stateless, package-private bean; see `kinds`.
@NullMarked
package io.insula.tenantapi.kinds.certificates;

import org.jspecify.annotations.NullMarked;
