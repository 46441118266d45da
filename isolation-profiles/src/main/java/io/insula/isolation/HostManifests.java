package io.insula.isolation;

import io.insula.isolation.Sandbox.Form;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/// What a host is given of each sandbox: its default profile and its RuntimeClass, as trees for a JSON or YAML writer.
/// A host's set-up writes these; `deploy/` shows them. Pure.
public final class HostManifests {

    /// Annotation of a profile: what it is for.
    static final String ABOUT = "insula.io/about";

    private HostManifests() {}

    /// Every profile that a host is given: one of each sandbox's name, and those that are named for their use.
    public static List<Map<String, Object>> profiles(Profiles profiles) {
        return Stream.concat(
                        profiles.sandboxes().stream().map(HostManifests::profile),
                        NamedProfiles.of(profiles.sandboxes()).stream())
                .toList();
    }

    /// The `IsolationProfile` that has the sandbox's name and its defaults.
    public static Map<String, Object> profile(Sandbox sandbox) {
        var spec = new LinkedHashMap<String, Object>();
        spec.put("sandbox", sandbox.wireName());
        spec.put("podSecurity", sandbox.podSecurity().label());
        spec.put("resources", Map.of("mode", "hard"));
        if (!sandbox.nodes().isEmpty()) {
            spec.put("nodePool", Map.of("selector", new TreeMap<>(sandbox.nodes())));
        }
        if (!sandbox.overhead().equals(Resources.NONE)) {
            spec.put("overhead", amounts(sandbox.overhead()));
        }
        if (sandbox.form() == Form.MACHINE) {
            spec.put("guestMemory", ProfileSettings.DEFAULT_GUEST_MEMORY.toString());
        }
        var tree = named("tenancy.insula.io/v1alpha1", "IsolationProfile", sandbox.wireName());
        tree.put("spec", spec);
        return tree;
    }

    /// The RuntimeClasses of those that have one, each once.
    public static List<Map<String, Object>> runtimeClasses(Profiles profiles) {
        return profiles.sandboxes().stream()
                .filter(sandbox -> !sandbox.runtimeClassName().isEmpty())
                .map(HostManifests::runtimeClass)
                .toList();
    }

    /// With the overhead that the profile reserves: a host adds no other.
    private static Map<String, Object> runtimeClass(Sandbox sandbox) {
        var tree = named("node.k8s.io/v1", "RuntimeClass", sandbox.runtimeClassName());
        tree.put("handler", sandbox.handler());
        if (!sandbox.overhead().equals(Resources.NONE)) {
            tree.put("overhead", Map.of("podFixed", amounts(sandbox.overhead())));
        }
        if (!sandbox.nodes().isEmpty()) {
            tree.put("scheduling", Map.of("nodeSelector", new TreeMap<>(sandbox.nodes())));
        }
        return tree;
    }

    private static Map<String, Object> named(String apiVersion, String kind, String name) {
        var tree = new LinkedHashMap<String, Object>();
        tree.put("apiVersion", apiVersion);
        tree.put("kind", kind);
        tree.put("metadata", Map.of("name", name));
        return tree;
    }

    private static Map<String, Object> amounts(Resources resources) {
        var tree = new LinkedHashMap<String, Object>();
        tree.put("cpu", resources.cpu().toString());
        tree.put("memory", resources.memory().toString());
        return tree;
    }
}
