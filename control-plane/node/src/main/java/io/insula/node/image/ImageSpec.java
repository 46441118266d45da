package io.insula.node.image;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// What an image says of itself.
///
/// @param name with its tag, as pods name it: `registry.example/app:1`; a name without a registry is Docker Hub's
/// @param entrypoint the program and its first arguments; a pod's `command` replaces it
/// @param command further arguments; a pod's `args` replace them
/// @param user `uid`, `uid:gid` or a name; empty for root
/// @param workingDir absolute; empty for `/`
public record ImageSpec(
        String name,
        List<String> entrypoint,
        List<String> command,
        Map<String, String> env,
        String user,
        String workingDir) {

    /// Source: OCI Distribution Specification, "Pulling manifests", names and tags.
    private static final Pattern NAME = Pattern.compile(
            "(?:[A-Za-z0-9][A-Za-z0-9.-]*(?::[0-9]+)?/)?[a-z0-9]+(?:[._/-]+[a-z0-9]+)*:[A-Za-z0-9_][A-Za-z0-9._-]{0,127}");

    public ImageSpec {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("name: " + name + " (expected: a name with a tag, such as app:1)");
        }
        if (!workingDir.isEmpty() && !workingDir.startsWith("/")) {
            throw new IllegalArgumentException("workingDir: " + workingDir + " (expected: an absolute path)");
        }
        entrypoint = List.copyOf(entrypoint);
        command = List.copyOf(command);
        env = Collections.unmodifiableMap(new LinkedHashMap<>(env));
    }

    public static ImageSpec of(String name, List<String> entrypoint) {
        return new ImageSpec(name, entrypoint, List.of(), Map.of(), "", "");
    }

    /// The name in full, as containerd keeps it. Source: Docker's rule for names: the first part is a registry where
    /// it holds a dot or colon or is `localhost`.
    String fullName() {
        int slash = name.indexOf('/');
        String first = slash < 0 ? "" : name.substring(0, slash);
        if (first.contains(".") || first.contains(":") || first.equals("localhost")) {
            return name;
        }
        return "docker.io/" + (slash < 0 ? "library/" : "") + name;
    }

    String tag() {
        return name.substring(name.lastIndexOf(':') + 1);
    }
}
