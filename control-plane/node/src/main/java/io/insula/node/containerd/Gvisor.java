package io.insula.node.containerd;

import java.nio.file.Path;

/// How gVisor runs on this machine.
public sealed interface Gvisor {

    /// For people: what it is, and why.
    String description();

    /// The same without why.
    default String summary() {
        return description();
    }

    /// There is none.
    ///
    /// @param description what is missing
    record Absent(String description) implements Gvisor {}

    /// containerd's own shim for it is installed: the way that gVisor's authors support.
    record OwnShim() implements Gvisor {
        @Override
        public String description() {
            return "gVisor by its own shim, with its own network stack";
        }
    }

    /// Without its shim, by runc's.
    ///
    /// @param network whose stack: gVisor's own (`sandbox`), or that of the pod's network namespace (`host`)
    /// @param why the other could not be had; empty where it is gVisor's own
    /// @param readsWait whether read(2) on a socket that has nothing yet waits, as it must; runsc of 2022 answers
    ///     EAGAIN where the stack is the kernel's. Calls of recv(2) and poll(2) are not concerned
    record RuncShim(Path runsc, Network network, String why, boolean readsWait) implements Gvisor {
        @Override
        public String description() {
            return switch (network) {
                case SANDBOX -> summary();
                case HOST -> summary() + " inside the pod's network namespace, as this runsc refuses its own: " + why;
            };
        }

        @Override
        public String summary() {
            return "gVisor by runc's shim, with "
                    + switch (network) {
                        case SANDBOX -> "its own";
                        case HOST -> "the kernel's";
                    }
                    + " network stack"
                    + (readsWait ? "" : ", where this runsc has read(2) of an empty socket fail instead of wait");
        }
    }

    enum Network {
        SANDBOX,
        HOST
    }
}
