/// The expression language of Kubernetes' extensions: CEL with Kubernetes' own function libraries, types made of
/// schemas, and cost limits at compile time and run time.
///
/// [io.insula.tenantapi.cel.CelEnvironment] compiles, [io.insula.tenantapi.cel.CelExpression] is what comes of it,
/// [io.insula.tenantapi.cel.SchemaValidator] runs the `x-kubernetes-validations` of a structural schema.
///
/// Everything public is immutable and thread-safe, and knows no tenant: a compiled expression may be shared.
/// Parser, type checker and interpreter are `dev.cel:cel`; what upstream adds to cel-go (libraries, cost, wording) is
/// here. Field selection on protobuf messages is deliberately absent: no value here is one.
@NullMarked
package io.insula.tenantapi.cel;

import org.jspecify.annotations.NullMarked;
