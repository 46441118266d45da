/// Binds claims to volumes and keeps both while they are in use. Volumes are neither provisioned nor deleted
/// here: that is for CSI drivers on the nodes' side.
@NullMarked
package io.insula.tenantapi.controllers.storage;

import org.jspecify.annotations.NullMarked;
