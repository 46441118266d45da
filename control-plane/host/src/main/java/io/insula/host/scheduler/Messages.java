package io.insula.host.scheduler;

import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// What is said of a pod that no node takes, in upstream's words. Pure.
///
/// Source: kubernetes, `pkg/scheduler/framework/types.go`, `FitError`; `pkg/scheduler/framework/preemption`.
final class Messages {

    static final String NEVER = "preemption: not eligible due to preemptionPolicy=Never.";
    static final String TERMINATING = "preemption: not eligible due to a terminating pod on the nominated node.";

    private static final String NOT_HELPFUL = "Preemption is not helpful for scheduling";
    private static final String NO_VICTIMS = "No preemption victims found for incoming pod";

    private Messages() {}

    /// `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) were unschedulable.`
    ///
    /// @param rejections of each node
    static String none(Collection<Rejection> rejections) {
        var counts = new TreeMap<String, Integer>();
        rejections.forEach(rejection -> rejection.reasons().forEach(reason -> counts.merge(reason, 1, Integer::sum)));
        return none(rejections.size(), counted(counts));
    }

    /// The same of what is so on every node.
    static String none(int nodes, String why) {
        return "0/" + nodes + " nodes are available: " + why + ".";
    }

    /// @param helped how many nodes could take the pod if others went, of which there are none
    static String noVictims(int nodes, int helped) {
        var counts = new TreeMap<String, Integer>();
        if (helped > 0) {
            counts.put(NO_VICTIMS, helped);
        }
        if (nodes > helped) {
            counts.put(NOT_HELPFUL, nodes - helped);
        }
        return "preemption: " + none(nodes, counted(counts));
    }

    static String notHelpful(int nodes) {
        return noVictims(nodes, 0);
    }

    private static String counted(Map<String, Integer> counts) {
        return counts.entrySet().stream()
                .map(each -> each.getValue() + " " + each.getKey())
                .sorted()
                .collect(Collectors.joining(", "));
    }
}
