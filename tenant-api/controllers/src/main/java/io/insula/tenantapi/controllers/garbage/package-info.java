/// Deletes what is owned by nothing that still exists, and lets owners wait for or let go of what they own.
///
/// `OwnerGraph` knows every object's owners and dependents from metadata watches over all resources;
/// `GarbageCollector` decides and writes, checking live before it deletes.
@NullMarked
package io.insula.tenantapi.controllers.garbage;

import org.jspecify.annotations.NullMarked;
