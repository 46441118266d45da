package io.insula.syncer.engine;

/// How far a kind is that one tenant alone has synced. Immutable.
///
/// @param syncer its name
/// @param host what is in the way on the host, as a clause about it; empty for nothing
/// @param tenant the same of the tenant's API server
/// @param isNotServed whether the side that its objects are sent to has said that it does not serve it
/// @param listed whether it is decided on
/// @param sent how many objects are there that were sent, as far as they are listed
public record OwnKindState(String syncer, String host, String tenant, boolean isNotServed, boolean listed, int sent) {}
