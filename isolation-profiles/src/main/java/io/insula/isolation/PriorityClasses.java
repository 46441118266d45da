package io.insula.isolation;

import static io.insula.isolation.SpecErrors.wrong;

import io.fabric8.kubernetes.api.model.PodSpec;
import io.insula.isolation.Note.Done;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Which PriorityClasses of the host a profile's pods may have, and which of the tenant's mean them. What a pod has on
/// the host is a class for this profile and that class of the host's together, of the same value: by it the profile's
/// quota still knows the pod. Immutable.
///
/// @param allowed each class of the host's once, and each of the tenant's once
/// @param othersRefused whether a pod of any other class of the tenant's is refused; else it has the profile's own
record PriorityClasses(List<Mapped> allowed, boolean othersRefused) {

    /// Nobody comes before anybody.
    static final PriorityClasses NONE = new PriorityClasses(List.of(), false);

    /// Of the names of what the host has of a profile and a class; no DNS label has a dot, so that the last one parts
    /// them.
    private static final String PREFIX = "insula-priority-";

    private static final String FIELD = "priorityClasses";
    private static final String REFUSE = "refuse";
    private static final String IGNORE = "ignore";
    private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?");
    private static final int NAME_LIMIT = 253;

    /// Classes of the host's own, and those made by us.
    private static final List<String> NOT_GIVEN = List.of("system-", "insula-");

    /// @param host the PriorityClass of the host whose value and preemption policy hold
    /// @param tenant names of PriorityClasses of a tenant that mean it
    record Mapped(String host, List<String> tenant) {
        Mapped {
            tenant = List.copyOf(tenant);
        }
    }

    PriorityClasses {
        allowed = List.copyOf(allowed);
    }

    /// @param profile the name of the profile
    /// @throws IllegalArgumentException naming the field
    static PriorityClasses read(String profile, @Nullable Object value) {
        if (value == null) {
            return NONE;
        }
        if (!(value instanceof Map<?, ?> tree)) {
            throw wrong(FIELD, value, "an object");
        }
        var others = tree.containsKey("others") ? tree.get("others") : REFUSE;
        if (!REFUSE.equals(others) && !IGNORE.equals(others)) {
            throw wrong(FIELD + ".others", others, "one of refuse, ignore");
        }
        var list = tree.containsKey("allowed") ? tree.get("allowed") : List.of();
        if (!(list instanceof List<?> entries)) {
            throw wrong(FIELD + ".allowed", list, "a list");
        }
        var allowed = new ArrayList<Mapped>();
        var hosts = new LinkedHashSet<String>();
        var tenants = new LinkedHashSet<String>();
        for (var each : entries) {
            allowed.add(mapped(profile, FIELD + ".allowed[" + allowed.size() + "]", each, hosts, tenants));
        }
        return new PriorityClasses(allowed, REFUSE.equals(others));
    }

    private static Mapped mapped(
            String profile,
            String field,
            @Nullable Object value,
            SequencedSet<String> hosts,
            SequencedSet<String> tenants) {
        if (!(value instanceof Map<?, ?> tree)) {
            throw wrong(field, value, "an object");
        }
        if (!(tree.get("host") instanceof String host)
                || !LABEL.matcher(host).matches()
                || NOT_GIVEN.stream().anyMatch(host::startsWith)) {
            throw wrong(
                    field + ".host",
                    tree.get("host"),
                    "the name of a PriorityClass of the shared cluster, without dots and not beginning with "
                            + String.join(" or ", NOT_GIVEN));
        }
        if (onHost(profile, host).length() > NAME_LIMIT) {
            throw wrong(field + ".host", host, "a name that is short enough to stand beside the profile's");
        }
        if (!hosts.add(host)) {
            throw wrong(field + ".host", host, "each once");
        }
        if (tree.get("tenant") != null && !(tree.get("tenant") instanceof List<?>)) {
            throw wrong(field + ".tenant", tree.get("tenant"), "a list");
        }
        List<?> names = tree.get("tenant") instanceof List<?> given ? given : List.of(host);
        var own = new ArrayList<String>();
        for (var name : names) {
            var path = field + ".tenant[" + own.size() + "]";
            if (!(name instanceof String text) || !NAME.matcher(text).matches()) {
                throw wrong(path, name, "the name of a PriorityClass");
            }
            if (!tenants.add(text)) {
                throw wrong(path, text, "each once, or it would mean two classes");
            }
            own.add(text);
        }
        return new Mapped(host, own);
    }

    private static String onHost(String profile, String host) {
        return PREFIX + profile + "." + host;
    }

    /// The classes by their names on the host, and the class of the host's that each is like.
    SequencedMap<String, String> of(String profile) {
        var names = new TreeMap<String, String>();
        allowed.forEach(each -> names.put(onHost(profile, each.host()), each.host()));
        return names;
    }

    /// Refuses a class that the profile does not give.
    Optional<FieldViolation> check(PodSpec spec) {
        var own = own(spec);
        return othersRefused && !own.isEmpty() && meant(own).isEmpty()
                ? Optional.of(new FieldViolation(
                        "spec.priorityClassName",
                        "\"" + own + "\" means no PriorityClass that the isolation profile gives (it gives: " + text()
                                + ")"))
                : Optional.empty();
    }

    /// What a pod has on the host; empty for the profile's own class.
    Optional<String> of(String profile, PodSpec spec) {
        return meant(own(spec)).map(host -> onHost(profile, host));
    }

    /// What the tenant is told.
    List<Note> notes(PodSpec spec) {
        var own = own(spec);
        if (own.isEmpty()) {
            return List.of();
        }
        return List.of(meant(own)
                .map(host -> new Note(
                        "spec.priorityClassName",
                        Done.REPLACED,
                        "\"" + host + "\" of the shared cluster",
                        "the isolation profile says that \"" + own + "\" means it"))
                .orElseGet(() -> new Note(
                        "spec.priorityClassName",
                        Done.IGNORED,
                        "on the host",
                        "it counts in the tenant only; no tenant's pod preempts another's")));
    }

    private Optional<String> meant(String own) {
        return allowed.stream()
                .filter(each -> each.tenant().contains(own))
                .map(Mapped::host)
                .findFirst();
    }

    private String text() {
        var names = allowed.stream()
                .flatMap(each -> each.tenant().stream())
                .sorted()
                .toList();
        return names.isEmpty() ? "none" : String.join(", ", names);
    }

    private static String own(PodSpec spec) {
        return Objects.requireNonNullElse(spec.getPriorityClassName(), "");
    }
}
