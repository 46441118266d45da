/// How a server is extended: admission webhooks and policies, CustomResourceDefinitions, APIServices. Only their
/// declaration and validation; what they do belongs to `crd` and `admission`. Each kind is one stateless,
/// package-private bean; see `kinds`.
@NullMarked
package io.insula.tenantapi.kinds.extension;

import org.jspecify.annotations.NullMarked;
