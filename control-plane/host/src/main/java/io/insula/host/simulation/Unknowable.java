package io.insula.host.simulation;

/// That nobody can say, without running it, what a command does. Has no stack trace: it is an answer, not a fault.
final class Unknowable extends RuntimeException {

    private static final long serialVersionUID = 1L;

    Unknowable(String what) {
        super(what, null, false, false);
    }
}
