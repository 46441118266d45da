/// What fields the Kubernetes API has: the upstream API description and the structural schemas of custom
/// resources, as one kind of type tree, and the pure functions that read it: defaults, unknown fields, decoding,
/// pruning, validation.
///
/// Start at [io.insula.tenantapi.schema.ApiSchema] for built-in kinds and at
/// [io.insula.tenantapi.schema.StructuralSchema] for custom resources; both answer a
/// [io.insula.tenantapi.schema.SchemaType], which patches and server-side apply read too.
///
/// All types are immutable and thread-safe; functions change only the tree they are given. CEL rules
/// (`x-kubernetes-validations`) are carried but not evaluated here: the package `cel` does that.
@NullMarked
package io.insula.tenantapi.schema;

import org.jspecify.annotations.NullMarked;
