package io.insula.tenantapi.registry;

/// A list answer in JSON, ready to be sent.
///
/// @param body the list object; not to be changed
/// @param packed the same by gzip; empty where the client does not take it or it is not worth it
/// @param count of its items
public record TextPage(byte[] body, byte[] packed, int count) {}
