/// Tokens of issuers outside, and who may stay anonymous: what `apiserver.config.k8s.io` calls an
/// AuthenticationConfiguration.
///
/// [AuthenticationConfig] is a configuration that has been read, checked and compiled; [StructuredAuthentication]
/// takes tokens by whichever one holds now, so that a change needs no restart. An issuer's keys are fetched over
/// HTTPS when the first of its tokens comes ([IssuerKeys]): a server that nobody asks holds no connection and no
/// thread for them.
///
/// Whoever runs the tenant's server decides the configuration, never the tenant. Signatures are checked by Nimbus
/// JOSE. Deliberately absent: distributed claims (`_claim_names`), by which a token would choose an address that
/// this server calls; egress selectors. Issuers are asked through [io.insula.tenantapi.egress.Egress].
@NullMarked
package io.insula.tenantapi.auth.structured;

import org.jspecify.annotations.NullMarked;
