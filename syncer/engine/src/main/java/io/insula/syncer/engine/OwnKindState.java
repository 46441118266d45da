package io.insula.syncer.engine;

/// How far a kind is that one tenant alone has synced. Immutable.
///
/// @param syncer its name
/// @param host what is in the way on the host, as a clause about it; empty for nothing
/// @param tenant the same of the tenant's API server
/// @param isNotServedByHost whether the host has said that it does not serve it
/// @param listed whether it is decided on
/// @param onHost how many objects of the tenant's are on the host, as far as it is listed
public record OwnKindState(
        String syncer, String host, String tenant, boolean isNotServedByHost, boolean listed, int onHost) {}
