/// Volumes that outlive pods: [VolumeStore] keeps them on this machine's disk, [LocalProvisioner] makes
/// them for the claims that the scheduler sent to this node. Mounting them into pods is `volumes`' part.
@NullMarked
package io.insula.node.storage;

import org.jspecify.annotations.NullMarked;
