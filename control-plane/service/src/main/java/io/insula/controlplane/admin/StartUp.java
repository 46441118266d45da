package io.insula.controlplane.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/// How far the service is while it starts: the admin API answers before there is a host to speak of. Thread-safe.
public interface StartUp {

    /// What serves requests; empty until there is a host to speak of.
    Optional<AdminService> service();

    /// What `/v1/status` answers until then, in the same shape as afterwards.
    ObjectNode status();

    /// What the service counts, in Prometheus' text format: there from the first moment on.
    byte[] metrics();

    /// What is awaited, for people.
    String waitsFor();
}
