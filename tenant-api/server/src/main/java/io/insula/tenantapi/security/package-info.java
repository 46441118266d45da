/// Puts the security parts of one server together: [Security] makes its authenticator, authorizer, token issuer and the
/// admission plugins that need a server's own settings. No logic of its own.
@NullMarked
package io.insula.tenantapi.security;

import org.jspecify.annotations.NullMarked;
