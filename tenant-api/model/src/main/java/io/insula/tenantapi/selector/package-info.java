/// Label and field selectors: parsed once from the query string or from a `LabelSelector` object, then asked per
/// object.
///
/// [LabelSelector] and [FieldSelector] are immutable values; both refuse bad input with upstream's wording.
/// Which fields a kind can select by is the registry's business ([FieldSelector#requireSupported]).
@NullMarked
package io.insula.tenantapi.selector;

import org.jspecify.annotations.NullMarked;
