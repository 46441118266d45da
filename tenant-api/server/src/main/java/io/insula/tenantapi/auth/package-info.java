/// Who is asking and whether they may. An [Authenticator] proves a [UserInfo] from a request, an [Authorizer] decides
/// about [Attributes].
///
/// A server takes client certificates of its own tenant's authority ([ClientCertificateAuthenticator]), service account
/// tokens that it signed itself ([ServiceAccountTokenAuthenticator] over [JwtServiceAccountTokens]) and, for health and
/// version paths only, nobody ([AnonymousAuthenticator]); [UnionAuthenticator] tries them in that order.
/// [Impersonation] lets one user act as another where the authorizer agrees. The first type to read is
/// [JwtServiceAccountTokens].
///
/// All types are immutable and thread-safe. Nothing here is cached: a deleted service account, a removed pod or a
/// revoked certificate is refused on the very next request. Not here: OpenID Connect, webhooks, bootstrap tokens.
@NullMarked
package io.insula.tenantapi.auth;

import org.jspecify.annotations.NullMarked;
