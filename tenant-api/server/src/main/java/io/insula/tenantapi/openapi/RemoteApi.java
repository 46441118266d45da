package io.insula.tenantapi.openapi;

/// What an API server behind this one tells of a group and version.
///
/// @param root `apis/{group}/{version}`
/// @param v3Url where its v3 document is; empty where it has none
/// @param v2 its whole v2 document, JSON; empty where it has none
public record RemoteApi(String root, String v3Url, byte[] v2) {}
