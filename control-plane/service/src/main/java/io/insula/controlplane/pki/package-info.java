/// Certificates and keys: authorities per tenant, the certificates they issue, PEM files and kubeconfigs.
///
/// [CertificateAuthority] signs what a [CertificateSpec] asks for, [ClusterPki] is all that one cluster (a
/// tenant's or the host) has, kept as PEM files by [PemStore], [Kubeconfig] renders what users get, [Credentials] knows
/// which of them were revoked. A [KeyRing] is a key that is being replaced while it is used, or not. All types are
/// immutable or safe to share.
@NullMarked
package io.insula.controlplane.pki;

import org.jspecify.annotations.NullMarked;
