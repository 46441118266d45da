/// Certificates and keys: authorities per tenant, the certificates they issue, PEM files and kubeconfigs.
///
/// [CertificateAuthority] signs what a [CertificateSpec] asks for, [ClusterPki] is all that one cluster (a
/// tenant's or the host) has, kept as PEM files by [PemStore], [Kubeconfig] renders what users get. Only this
/// package uses Bouncy Castle. All types are immutable or safe to share; rotation and revocation are not done
/// here yet.
@NullMarked
package io.insula.controlplane.pki;

import org.jspecify.annotations.NullMarked;
