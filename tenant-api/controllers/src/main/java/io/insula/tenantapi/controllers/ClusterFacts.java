package io.insula.tenantapi.controllers;

/// What controllers must know of their cluster besides its API.
///
/// @param rootCaPem the certificate authority of the API server, PEM; published as `kube-root-ca.crt`
public record ClusterFacts(String rootCaPem) {}
