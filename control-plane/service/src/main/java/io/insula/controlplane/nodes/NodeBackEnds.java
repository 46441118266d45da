package io.insula.controlplane.nodes;

import io.insula.controlplane.home.HomeException;
import io.insula.isolation.Profiles;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// All node back ends that there are, and which of them `up --nodes` means. Immutable.
@Singleton
public final class NodeBackEnds {

    /// The back end whose nodes every machine can have.
    static final String SIMULATED = "simulated";

    private static final String REAL = "real";
    private static final String BOTH = "both";

    private final Map<String, NodeBackEnd> byName = new TreeMap<>();
    private final Profiles profiles;

    /// @throws IllegalStateException when two have one name
    NodeBackEnds(List<NodeBackEnd> all, Profiles profiles) {
        this.profiles = profiles;
        for (NodeBackEnd each : all) {
            if (byName.putIfAbsent(each.name(), each) != null) {
                throw new IllegalStateException("two node back ends are called " + each.name());
            }
        }
    }

    /// Chooses for one start of the service.
    ///
    /// @param wanted `real`: all whose nodes really run something, and can on this machine; `both`: these and the
    ///     simulated ones; names of back ends with commas between; empty: the real ones where there can be some,
    ///     else the simulated ones
    /// @throws HomeException naming what is not there, or why this machine cannot have it
    public ChosenNodes choose(String wanted) {
        List<NodeBackEnd> real = byName.values().stream()
                .filter(each -> each.isReal() && each.obstacle().isEmpty())
                .toList();
        return switch (wanted) {
            case "" ->
                real.isEmpty()
                        ? chosen(List.of(named(SIMULATED)), "real ones are not possible here: " + obstacles())
                        : chosen(real, "");
            case REAL -> chosen(require(real, wanted), "");
            case BOTH -> {
                var both = new ArrayList<>(require(real, wanted));
                both.add(named(SIMULATED));
                yield chosen(both, "");
            }
            default -> {
                List<NodeBackEnd> named = List.of(wanted.split(",", -1)).stream()
                        .map(this::named)
                        .distinct()
                        .toList();
                named.forEach(each -> each.obstacle().ifPresent(why -> {
                    throw new HomeException("--nodes " + wanted + ": " + why);
                }));
                yield chosen(named, "");
            }
        };
    }

    /// Ends what killed runs left running on this machine.
    ///
    /// @param folder in which each back end has a folder of its name
    /// @return whether there was anything
    public boolean clear(Path folder) {
        List<NodeBackEnd> left = byName.values().stream()
                .filter(each -> each.hasLeft(folder.resolve(each.name())))
                .toList();
        left.forEach(each -> each.clear(folder.resolve(each.name())));
        return !left.isEmpty();
    }

    /// A way to the nodes of this machine that run, past the API server; the caller closes it.
    ///
    /// @param folder in which each back end has a folder of its name
    /// @throws NodeAccess.Failure where none do, or this user may not use them
    public NodeAccess access(Path folder) {
        return byName.values().stream()
                .filter(each -> each.hasLeft(folder.resolve(each.name())))
                .flatMap(each -> each.access(folder.resolve(each.name())).stream())
                .findFirst()
                .orElseThrow(() -> new NodeAccess.Failure("no node of " + folder + " runs containers on this machine"));
    }

    private ChosenNodes chosen(List<NodeBackEnd> used, String note) {
        List<NodeBackEnd> unused =
                byName.values().stream().filter(each -> !used.contains(each)).toList();
        return new ChosenNodes(used, unused, profiles, note);
    }

    private List<NodeBackEnd> require(List<NodeBackEnd> real, String wanted) {
        if (real.isEmpty()) {
            throw new HomeException("--nodes " + wanted + ": " + obstacles() + "; `--nodes " + SIMULATED
                    + "` needs nothing of the machine");
        }
        return real;
    }

    private String obstacles() {
        return byName.values().stream()
                .filter(NodeBackEnd::isReal)
                .flatMap(each -> each.obstacle().stream())
                .collect(Collectors.joining("; "));
    }

    private NodeBackEnd named(String name) {
        NodeBackEnd found = byName.get(name);
        if (found == null) {
            throw new HomeException("--nodes: \"" + name + "\" (expected: " + REAL + ", " + BOTH + ", or of "
                    + String.join(", ", byName.keySet()) + ")");
        }
        return found;
    }
}
