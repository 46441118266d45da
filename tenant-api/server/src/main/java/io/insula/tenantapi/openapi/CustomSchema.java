package io.insula.tenantapi.openapi;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.registry.KindSpec;

/// One served version of a custom resource.
///
/// @param schema its `openAPIV3Schema`; not to be changed
public record CustomSchema(KindSpec spec, ObjectNode schema) {}
