package io.insula.node.agent;

/// What pods may take of the machine.
///
/// @param podProcesses processes and threads of one pod
public record NodeLimits(long podProcesses) {

    /// Room for any program, and none for a fork bomb: a kernel knows 32768 or more.
    public static final NodeLimits USUAL = new NodeLimits(4096);
}
