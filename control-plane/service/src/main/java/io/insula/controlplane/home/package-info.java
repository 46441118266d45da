/// The home folder: where everything of one installation lives, and the ports it remembers.
///
/// [Home] names the files, [HomeState] is the remembered state, [AtomicFiles] writes so that a crash leaves
/// the old or the new content, [Ports] chooses and checks ports. Errors a person must act on are
/// [HomeException]s whose message says what to do. Nothing here starts a thread.
@NullMarked
package io.insula.controlplane.home;

import org.jspecify.annotations.NullMarked;
