/// Certificate signing requests: approves those of kubelets, signs what is approved, clears the old ones
/// away. The key is behind the port `CertificateSigner`.
@NullMarked
package io.insula.tenantapi.controllers.certificates;

import org.jspecify.annotations.NullMarked;
