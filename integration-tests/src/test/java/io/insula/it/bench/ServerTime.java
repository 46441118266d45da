package io.insula.it.bench;

/// Where the processor time of the server under load goes, as far as can be seen from outside.
interface ServerTime {

    /// Of a server of somebody else's: nothing is seen.
    ServerTime UNSEEN = new ServerTime() {
        @Override
        public long cpuNanos() {
            return 0;
        }

        @Override
        public long compilerNanos() {
            return 0;
        }
    };

    /// Processor time so far.
    long cpuNanos();

    /// What of it the just-in-time compiler has taken.
    long compilerNanos();
}
