/// What several controllers read out of object trees: owners, label selectors, conditions, pods' states. Pure
/// functions.
@NullMarked
package io.insula.tenantapi.controllers.objects;

import org.jspecify.annotations.NullMarked;
