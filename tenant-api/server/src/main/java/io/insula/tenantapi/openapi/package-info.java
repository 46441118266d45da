/// The OpenAPI documents of one server, v2 and v3 with paths: what `kubectl explain`, `apply` and `diff` decide by.
///
/// [OpenApi] is the entry point. Documents are built when first asked for. The v3 documents of built-in groups are the
/// same
/// for every tenant and are kept once per JVM ([BuiltInDocuments], injected); only custom groups are a server's own.
@NullMarked
package io.insula.tenantapi.openapi;

import org.jspecify.annotations.NullMarked;
