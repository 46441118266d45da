package io.insula.tenantapi.storage;

import org.jspecify.annotations.Nullable;

/// What can go wrong in the store, in our vocabulary; `registry` alone translates it for clients.
public abstract sealed class StorageException extends RuntimeException {

    private StorageException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /// A create found the key taken.
    public static final class KeyExists extends StorageException {
        public KeyExists(String key) {
            super("key exists: " + key, null);
        }
    }

    /// An update or delete found another revision than the expected one, or no key at all.
    public static final class Conflict extends StorageException {
        public Conflict(String key, long expected) {
            super("key changed: " + key + " (expected: revision " + expected + ")", null);
        }
    }

    /// The asked revision has been compacted away.
    public static final class Compacted extends StorageException {
        private final long oldest;

        public Compacted(long asked, long oldest) {
            super("revision compacted: " + asked + " (expected: >= " + oldest + ")", null);
            this.oldest = oldest;
        }

        /// The oldest revision still readable; 0 where unknown.
        public long oldest() {
            return oldest;
        }
    }

    /// The asked revision has not been reached.
    public static final class FutureRevision extends StorageException {
        private final long asked;
        private final long current;

        public FutureRevision(long asked, long current) {
            super("revision not reached: " + asked + " (current: " + current + ")", null);
            this.asked = asked;
            this.current = current;
        }

        public long asked() {
            return asked;
        }

        public long current() {
            return current;
        }
    }

    /// The value is larger than the store takes.
    public static final class TooLarge extends StorageException {
        public TooLarge(String key, int sizeBytes) {
            super("value too large: " + key + " (" + sizeBytes + " bytes)", null);
        }
    }

    /// The store has reached its limit of space: nothing was written, reads and removals go on.
    public static final class NoSpace extends StorageException {
        public NoSpace(String what, @Nullable Throwable cause) {
            super("store out of space: " + what, cause);
        }
    }

    /// The store did not answer in time or not at all; whether a write happened is unknown.
    public static final class Unavailable extends StorageException {
        public Unavailable(String what, @Nullable Throwable cause) {
            super("store unavailable: " + what, cause);
        }
    }
}
