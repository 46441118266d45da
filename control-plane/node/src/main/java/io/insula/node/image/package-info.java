/// Images made on this machine, for machines without a registry: [io.insula.node.image.ImageBuilder] turns a folder and
/// a command into an archive that containerd and Docker take. No daemon, no root.
@NullMarked
package io.insula.node.image;

import org.jspecify.annotations.NullMarked;
