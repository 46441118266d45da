/// CustomResourceDefinitions and what they define.
///
/// [CustomResources] is the entry point: it makes a kind of each version that a definition serves and keeps a
/// server's registry in step with the stored definitions, written here or elsewhere. Schemas and rules are evaluated by
/// `schema` and `cel`; [CustomConversion] asks the webhook of a definition that has one.
@NullMarked
package io.insula.tenantapi.crd;

import org.jspecify.annotations.NullMarked;
