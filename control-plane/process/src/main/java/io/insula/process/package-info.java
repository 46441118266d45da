/// Child processes that outlive this one: started, watched, adopted after a crash of ours, and stopped.
///
/// A [ChildSpec] says what runs and how one knows that it is ready, a [ChildProcess] keeps it running, [Survivors]
/// finds what a killed run left behind. Each [ChildProcess] owns one virtual thread named after it, joined by its
/// stop. Not here: what the processes are.
@NullMarked
package io.insula.process;

import org.jspecify.annotations.NullMarked;
