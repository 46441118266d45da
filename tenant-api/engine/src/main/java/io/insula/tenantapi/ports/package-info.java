/// What the engine and everything above it ask of others without knowing who answers: [ObjectClient], one server's own
/// API. Adapters live further up (`client.LocalClient`), as they know the whole server.
///
/// Depends on nothing but the model, so that every layer may hold a port.
@NullMarked
package io.insula.tenantapi.ports;

import org.jspecify.annotations.NullMarked;
