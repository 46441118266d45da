/// The OpenAPI documents of one server, v2 and v3 with paths: what `kubectl explain`, `apply` and `diff` decide by.
///
/// [OpenApi] is the entry point. Documents are built when first asked for. What the built-in groups add is the same for
/// every tenant and is kept once per JVM ([BuiltInDocuments], injected); only custom groups are a server's own. A v2
/// document is joined from both parts at each answer, in JSON or as gnostic's protobuf messages, which kubectl before
/// 1.29 asks for. v3 is told in JSON alone: no client in use asks for its protobuf form.
@NullMarked
package io.insula.tenantapi.openapi;

import org.jspecify.annotations.NullMarked;
