package io.insula.controlplane.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;

/// How far the service is while it starts: the admin API answers before there is a host to speak of. Thread-safe.
public interface StartUp {

    /// Whether requests can be served, that is, an [AdminService] exists.
    boolean isServing();

    /// What `/v1/status` answers until then, in the same shape as afterwards.
    ObjectNode status();

    /// What is awaited, for people.
    String waitsFor();
}
