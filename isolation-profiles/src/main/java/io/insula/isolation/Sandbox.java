package io.insula.isolation;

import io.insula.rules.podsecurity.PodSecurityLevel;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What separates a pod from the host's kernel, declared by the [IsolationProfile] that uses it and nowhere else: the
/// settings' defaults, both walls, the custom resource's schema and what a host is given follow from it. Immutable.
///
/// @param wireName as written in manifests
/// @param form what its workloads are on the host
/// @param runtimeClassName the RuntimeClass a host pod gets unless the profile names another; empty: the node's
///     default runtime
/// @param handler the container runtime's handler as usually configured on nodes; empty where there is no RuntimeClass
/// @param overhead what one sandbox takes on the node beside its containers, unless the profile says otherwise
/// @param nodes labels of the nodes that can run it; empty for every node
/// @param podSecurity the level of pod security that its default profile asks for
/// @param loosest the loosest level that it can stand, whatever a profile says
/// @param missing fields of containers that it cannot do, to the reason; each a list, a map or a text
/// @param annotations prefixes of the annotations by which pods would configure its runtime
public record Sandbox(
        String wireName,
        Form form,
        String runtimeClassName,
        String handler,
        Resources overhead,
        Map<String, String> nodes,
        PodSecurityLevel podSecurity,
        PodSecurityLevel loosest,
        Map<String, String> missing,
        List<String> annotations) {

    /// What a workload is on the host.
    public enum Form {
        /// [HostPod]
        POD,
        /// [HostVirtualMachine]
        MACHINE
    }

    public Sandbox {
        if (wireName.isEmpty()) {
            throw new IllegalArgumentException("sandbox: \"\" (expected: not empty)");
        }
        if (runtimeClassName.isEmpty() != handler.isEmpty()) {
            throw new IllegalArgumentException(
                    "handler: \"" + handler + "\" (expected: one with the RuntimeClass \"" + runtimeClassName + "\")");
        }
        nodes = Map.copyOf(nodes);
        missing = Map.copyOf(missing);
        annotations = List.copyOf(annotations);
    }

    /// Pods on the node's own kernel and default runtime, held to baseline as that kernel is shared.
    public static Sandbox ofPods(String wireName) {
        return plain(wireName, Form.POD, PodSecurityLevel.BASELINE);
    }

    /// Virtual machines whose guests run the pods' containers: what a level of pod security forbids is the guest's.
    public static Sandbox ofMachines(String wireName) {
        return plain(wireName, Form.MACHINE, PodSecurityLevel.PRIVILEGED);
    }

    private static Sandbox plain(String wireName, Form form, PodSecurityLevel level) {
        return new Sandbox(wireName, form, "", "", Resources.NONE, Map.of(), level, level, Map.of(), List.of());
    }

    /// Capabilities and the like act on a kernel that is not the node's, so a profile may be looser than baseline.
    public Sandbox withOwnKernel() {
        return with(draft -> draft.loosest = PodSecurityLevel.PRIVILEGED);
    }

    public Sandbox withRuntimeClass(String name, String itsHandler) {
        return with(draft -> {
            draft.runtimeClassName = name;
            draft.handler = itsHandler;
        });
    }

    public Sandbox withOverhead(String cpu, String memory) {
        return with(draft -> draft.overhead = Resources.of(cpu, memory));
    }

    public Sandbox onNodes(Map<String, String> labels) {
        return with(draft -> draft.nodes = labels);
    }

    /// @param field of containers
    public Sandbox without(String field, String reason) {
        return with(draft -> draft.missing.put(field, reason));
    }

    /// @param prefixes of annotations that speak to its runtime; no tenant's pod may have one on the host
    public Sandbox configuredBy(String... prefixes) {
        return with(draft -> draft.annotations = List.of(prefixes));
    }

    private Sandbox with(Consumer<Draft> change) {
        var draft = new Draft(this);
        change.accept(draft);
        return draft.build();
    }

    /// A sandbox being changed. Confined to [Sandbox#with].
    private static final class Draft {
        private final Sandbox from;
        private final Map<String, String> missing;
        private String runtimeClassName;
        private String handler;
        private Resources overhead;
        private Map<String, String> nodes;
        private PodSecurityLevel loosest;
        private List<String> annotations;

        Draft(Sandbox from) {
            this.from = from;
            missing = new TreeMap<>(from.missing);
            runtimeClassName = from.runtimeClassName;
            handler = from.handler;
            overhead = from.overhead;
            nodes = from.nodes;
            loosest = from.loosest;
            annotations = from.annotations;
        }

        Sandbox build() {
            return new Sandbox(
                    from.wireName,
                    from.form,
                    runtimeClassName,
                    handler,
                    overhead,
                    nodes,
                    from.podSecurity,
                    loosest,
                    missing,
                    annotations);
        }
    }

    /// Why no container of this sandbox may have a field of this type; null if it may.
    @Nullable
    String refusal(String type, String field) {
        return type.equals("Container") || type.equals("EphemeralContainer") ? missing.get(field) : null;
    }

    @Override
    public String toString() {
        return wireName;
    }
}
