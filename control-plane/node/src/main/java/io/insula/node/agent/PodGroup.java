package io.insula.node.agent;

import io.fabric8.kubernetes.api.model.Pod;
import io.insula.node.machine.CgroupBounds;
import io.insula.node.machine.Cgroups;
import io.insula.node.pod.Resourcing;
import io.insula.node.pod.SandboxSpecs;
import io.insula.node.runtime.Resources;
import io.insula.rules.keys.InsulaKeys;
import io.insula.rules.resources.Amounts;
import java.io.IOException;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The control group of a whole pod, which is the node's; those below it are the runtime's. Stateless.
final class PodGroup {

    private static final Logger LOG = LoggerFactory.getLogger(PodGroup.class);
    /// Of one processor.
    private static final long SHARES = 1024;

    private static final Pattern OWN_PROCESSES = Pattern.compile("[1-9][0-9]{0,8}");

    private PodGroup() {}

    /// All pods of a node together: they may fill it, but take nothing of what the machine keeps for all else.
    static void boundAll(NodeSettings settings) {
        Amounts capacity = Admission.amounts(settings.capacity());
        try {
            Cgroups.bound(
                    settings.facts().cgroupRoot(),
                    new CgroupBounds(
                            Math.max(SHARES, capacity.get("cpu").longValue() * SHARES),
                            0,
                            0,
                            capacity.get("memory").longValue(),
                            0));
        } catch (IOException e) {
            LOG.atWarn().setCause(e).log("pods together are not bounded");
        }
    }

    static void bound(Pod pod, NodeSettings settings) throws IOException {
        Resources whole = Resourcing.ofPod(pod);
        Cgroups.bound(
                SandboxSpecs.cgroup(pod, settings.facts()),
                new CgroupBounds(
                        whole.cpuShares(),
                        whole.cpuPeriodMicros(),
                        whole.cpuQuotaMicros(),
                        whole.memoryLimitBytes(),
                        processes(pod, settings.limits())));
    }

    /// Bounds it by the wider of two: while one becomes the other, neither is in the way.
    static void widen(Pod one, Pod other, NodeSettings settings) throws IOException {
        Resources first = Resourcing.ofPod(one);
        Resources second = Resourcing.ofPod(other);
        Cgroups.bound(
                SandboxSpecs.cgroup(other, settings.facts()),
                new CgroupBounds(
                        Math.max(first.cpuShares(), second.cpuShares()),
                        second.cpuPeriodMicros(),
                        wider(first.cpuQuotaMicros(), second.cpuQuotaMicros()),
                        wider(first.memoryLimitBytes(), second.memoryLimitBytes()),
                        processes(other, settings.limits())));
    }

    /// The pod's own bound, where it is one and narrower than the node's.
    static long processes(Pod pod, NodeLimits limits) {
        var annotations = pod.getMetadata().getAnnotations();
        var own = annotations == null ? "" : annotations.getOrDefault(InsulaKeys.PIDS_LIMIT, "");
        return OWN_PROCESSES.matcher(own).matches()
                ? Math.min(Long.parseLong(own), limits.podProcesses())
                : limits.podProcesses();
    }

    private static long wider(long one, long other) {
        return one == 0 || other == 0 ? 0 : Math.max(one, other);
    }

    static void remove(Pod pod, NodeSettings settings) throws IOException {
        Cgroups.removeEmpty(SandboxSpecs.cgroup(pod, settings.facts()));
    }
}
