/// The admin API: REST over TLS for superusers, who show a client certificate of the admin authority
/// or a token of the issuer that the service was told of.
///
/// [AdminService] is what can be done, [AdminRoutes] the routes over it, [AdminGate] who may and what is recorded,
/// [AdminServer] the port, [AdminPki] the certificates. `openapi.json` describes the routes; a test holds the two
/// together. Requests run on virtual threads of the HTTP edge, which is that of the API servers; what is recorded
/// starts behind it.
@NullMarked
package io.insula.controlplane.admin;

import org.jspecify.annotations.NullMarked;
