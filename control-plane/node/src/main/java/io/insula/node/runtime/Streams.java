package io.insula.node.runtime;

/// Which streams of a process are wanted. With a terminal there is no standard error of its own.
public record Streams(boolean stdin, boolean stdout, boolean stderr, boolean tty) {}
