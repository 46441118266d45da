/// Private keys at rest: how they are encrypted on disk, and by what.
///
/// Envelopes: each folder of keys has a data key (`data-key`), which the key-encryption key wraps; the private keys in
/// the folder are sealed with the data key ([KeySafe]). The key-encryption key is nowhere in the home: a file or a
/// command has it ([KeySource]). [HomeKeys] is what a home remembers of that, and what changes it; programs that read
/// their key from a file find it in memory only ([MemoryFolder]). All types are immutable or thread-safe.
@NullMarked
package io.insula.controlplane.keys;

import org.jspecify.annotations.NullMarked;
