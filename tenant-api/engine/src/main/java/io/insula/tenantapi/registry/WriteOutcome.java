package io.insula.tenantapi.registry;

import com.fasterxml.jackson.databind.node.ObjectNode;

/// What a write answers.
///
/// @param object as stored (or as it would be, on a dry run); or a `Status`
/// @param created whether it is new: 201 rather than 200
public record WriteOutcome(ObjectNode object, boolean created) {}
