/// `Table` rendering: what `kubectl get` prints, computed at the server from the columns that a kind declares.
@NullMarked
package io.insula.tenantapi.table;

import org.jspecify.annotations.NullMarked;
