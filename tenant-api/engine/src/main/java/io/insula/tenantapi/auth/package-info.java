/// Who is asking and whether they may. An [Authenticator] proves a [UserInfo] from a request, an [Authorizer] decides
/// about [Attributes].
///
/// A server takes what its front proxy says ([RequestHeaderAuthenticator]), client certificates of its own tenant's
/// authority ([ClientCertificateAuthenticator]), bearer tokens ([BearerTokenAuthenticator]) and, for health and
/// version paths only, nobody ([AnonymousAuthenticator]); [UnionAuthenticator] tries them in that order. Tokens are
/// those that it signed itself ([JwtServiceAccountTokens]), those of new nodes ([BootstrapTokens]) and those of
/// issuers outside ([io.insula.tenantapi.auth.structured.StructuredAuthentication]); [TokenAuthenticator] is what
/// they have in common. [Impersonation] lets one user act as another where the authorizer agrees. The first type to
/// read is [JwtServiceAccountTokens].
///
/// All types are immutable and thread-safe. Nothing here is cached: a deleted service account, a removed pod or a
/// revoked certificate is refused on the very next request. Not here: webhooks.
@NullMarked
package io.insula.tenantapi.auth;

import org.jspecify.annotations.NullMarked;
