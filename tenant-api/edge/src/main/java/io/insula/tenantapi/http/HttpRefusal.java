package io.insula.tenantapi.http;

/// A request that the edge answers by itself: what is no HTTP, breaks a rule of it, or is more than the server takes.
/// What breaks the framing of h2 ends a connection and is no request.
///
/// @param request as far as it was read: the method `UNKNOWN` and the path empty where no head could be, the body
///     always empty. Nothing in it has been checked
/// @param status the code of the answer
/// @param message for people; names nothing that the peer does not know
public record HttpRefusal(HttpRequest request, int status, String message) {}
