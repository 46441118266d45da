package io.insula.node.runtime;

/// How a command in a container ended, and what it said (cut by the runtime where it is long).
public record ExecResult(int exitCode, byte[] stdout, byte[] stderr) {}
