package io.insula.isolation;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Sysctl;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/// What a profile lets its pods have of what its level of pod security, and the boundary of every sandbox, would: never
/// more than these. Immutable.
///
/// @param volumeTypes by the fields of a pod's volume (`configMap`, `image` …)
/// @param capabilities that containers may add, without `CAP_`
/// @param sysctls that pods may set; a name that ends with `*` is for all that begin so
record Allowances(Allowance volumeTypes, Allowance capabilities, Allowance sysctls) {

    static final Allowances USUAL = new Allowances(Allowance.EVERYTHING, Allowance.EVERYTHING, Allowance.EVERYTHING);

    /// Names, or everything.
    ///
    /// @param names none where everything is meant
    record Allowance(boolean isEverything, Set<String> names) {

        static final Allowance EVERYTHING = new Allowance(true, Set.of());

        Allowance {
            names = Set.copyOf(names);
        }

        static Allowance of(List<String> names) {
            return new Allowance(false, Set.copyOf(names));
        }

        boolean has(String name) {
            return isEverything
                    || names.contains(name)
                    || names.stream()
                            .anyMatch(each ->
                                    each.endsWith("*") && name.startsWith(each.substring(0, each.length() - 1)));
        }

        private String text() {
            return names.isEmpty() ? "none" : String.join(", ", new TreeSet<>(names));
        }
    }

    /// @param given the names in a field below `allowed`; empty where it is not there
    /// @throws IllegalArgumentException naming the field below `allowed` that is wrong
    static Allowances read(Function<String, Optional<List<String>>> given) {
        var read = new Allowances(
                allowance("volumeTypes", given), allowance("capabilities", given), allowance("sysctls", given));
        // a profile that lists another type would promise what nobody keeps
        read.volumeTypes().names().stream()
                .filter(name -> !VolumeKinds.PASSED.contains(name))
                .sorted()
                .findFirst()
                .ifPresent(name -> {
                    throw new IllegalArgumentException("allowed.volumeTypes: \"" + name + "\" (expected: one of "
                            + String.join(", ", new TreeSet<>(VolumeKinds.PASSED)) + ")");
                });
        return read;
    }

    private static Allowance allowance(String field, Function<String, Optional<List<String>>> given) {
        return given.apply(field).map(Allowance::of).orElse(Allowance.EVERYTHING);
    }

    /// The first thing of a pod that is not allowed.
    Optional<FieldViolation> check(Pod pod) {
        return volumes(pod).or(() -> capabilities(pod)).or(() -> sysctls(pod));
    }

    private Optional<FieldViolation> volumes(Pod pod) {
        var volumes = PodFields.spec(pod).getVolumes();
        for (int i = 0; i < volumes.size(); i++) {
            for (String type : new TreeSet<>(VolumeKinds.types(volumes.get(i)))) {
                if (!volumeTypes.has(type)) {
                    return refuse("spec.volumes[" + i + "]." + type, "volumes of these types", volumeTypes);
                }
            }
        }
        return Optional.empty();
    }

    private Optional<FieldViolation> capabilities(Pod pod) {
        for (var located : PodFields.containers(pod)) {
            var asked = located.security().getCapabilities();
            var added = asked == null ? List.<String>of() : asked.getAdd();
            for (int i = 0; i < added.size(); i++) {
                if (!capabilities.has(added.get(i))) {
                    return refuse(
                            located.path() + ".securityContext.capabilities.add[" + i + "]",
                            "these capabilities",
                            capabilities);
                }
            }
        }
        return Optional.empty();
    }

    private Optional<FieldViolation> sysctls(Pod pod) {
        var context = PodFields.spec(pod).getSecurityContext();
        var set = context == null ? List.<Sysctl>of() : context.getSysctls();
        for (int i = 0; i < set.size(); i++) {
            if (!sysctls.has(String.valueOf(set.get(i).getName()))) {
                return refuse("spec.securityContext.sysctls[" + i + "].name", "these sysctls", sysctls);
            }
        }
        return Optional.empty();
    }

    private static Optional<FieldViolation> refuse(String field, String what, Allowance allowance) {
        return Optional.of(
                new FieldViolation(field, "the isolation profile allows only " + what + ": " + allowance.text()));
    }

    /// The same on the host, of a pod as the syncer makes it there.
    List<HostRule> ofPods() {
        var rules = new ArrayList<HostRule>();
        if (!volumeTypes.isEverything()) {
            var types = new TreeSet<>(volumeTypes.names());
            types.add("name");
            if (types.contains("ephemeral")) {
                // whose claim the tenant's own controller makes
                types.add("persistentVolumeClaim");
            }
            rules.add(HostRule.of(
                    "spec.volumes",
                    "are of types that the isolation profile does not allow",
                    "variables.volumes.all(v, v.all(f, f in " + Cel.list(types) + "))"));
        }
        if (!capabilities.isEverything()) {
            rules.add(HostRule.of(
                    "spec.containers.securityContext.capabilities.add",
                    "has what the isolation profile does not allow",
                    "variables.contexts.all(c, c.?capabilities.add.orValue([]).all(n, " + named(capabilities) + "))"));
        }
        if (!sysctls.isEverything()) {
            rules.add(HostRule.of(
                    "spec.securityContext.sysctls",
                    "has what the isolation profile does not allow",
                    "variables.context.?sysctls.orValue([]).map(s, s.name).all(n, " + named(sysctls) + ")"));
        }
        return rules;
    }

    /// And of a machine, whose guest has capabilities and sysctls of its own.
    List<HostRule> ofMachines() {
        boolean disks = volumeTypes.has("persistentVolumeClaim") || volumeTypes.has("ephemeral");
        return disks
                ? List.of()
                : List.of(HostRule.of(
                        "spec.volumes.persistentVolumeClaim",
                        "the isolation profile allows no claims",
                        "variables.spec.?volumes.orValue([]).all(v, !has(v.persistentVolumeClaim))"));
    }

    private static String named(Allowance allowance) {
        var whole =
                allowance.names().stream().filter(name -> !name.endsWith("*")).toList();
        var beginnings = allowance.names().stream()
                .filter(name -> name.endsWith("*"))
                .map(name -> name.substring(0, name.length() - 1))
                .toList();
        return "n in " + Cel.list(whole) + " || " + Cel.list(beginnings) + ".exists(b, n.startsWith(b))";
    }
}
