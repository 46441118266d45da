/// The nodes of the embedded host, and what gives them: [NodeBackEnd], one file each. Which of them one start of the
/// service uses is [NodeBackEnds]' choice.
///
/// What a back end is made of lies elsewhere (`io.insula.host.simulation`, `io.insula.node`); here is only how the
/// service gets it.
@NullMarked
package io.insula.controlplane.nodes;

import org.jspecify.annotations.NullMarked;
