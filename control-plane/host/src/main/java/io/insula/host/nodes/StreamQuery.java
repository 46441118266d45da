package io.insula.host.nodes;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// The query of a request for a stream, and the one that a node understands. Immutable.
record StreamQuery(Map<String, List<String>> values) {

    private static final Set<String> TRUE = Set.of("1", "true", "True", "TRUE", "t", "T");

    /// Of `PodLogOptions`, what a node does. Not `insecureSkipTLSVerifyBackend`: nodes are always checked.
    private static final List<String> LOG = List.of(
            "follow", "limitBytes", "previous", "sinceSeconds", "sinceTime", "stream", "tailLines", "timestamps");

    static StreamQuery of(String raw) {
        var values = new LinkedHashMap<String, List<String>>();
        for (String pair : raw.split("&", -1)) {
            int equals = pair.indexOf('=');
            if (!pair.isEmpty()) {
                values.computeIfAbsent(decoded(equals < 0 ? pair : pair.substring(0, equals)), _ -> new ArrayList<>())
                        .add(equals < 0 ? "" : decoded(pair.substring(equals + 1)));
            }
        }
        return new StreamQuery(values);
    }

    String text(String name) {
        List<String> all = values.getOrDefault(name, List.of());
        return all.isEmpty() ? "" : all.getFirst();
    }

    /// For `/containerLogs`.
    String forLogs() {
        return LOG.stream()
                .filter(name -> !text(name).isEmpty())
                .map(name -> pair(name, text(name)))
                .collect(Collectors.joining("&"));
    }

    /// For `/exec` and `/attach`.
    String forStreams() {
        var pairs = new ArrayList<String>();
        values.getOrDefault("command", List.of()).forEach(word -> pairs.add(pair("command", word)));
        Map.of("stdin", "input", "stdout", "output", "stderr", "error", "tty", "tty")
                .forEach((ours, nodes) -> {
                    if (isTrue(ours)) {
                        pairs.add(pair(nodes, "1"));
                    }
                });
        return String.join("&", pairs);
    }

    RemoteStreams.Wanted wanted() {
        return new RemoteStreams.Wanted(isTrue("stdin"), isTrue("stdout"), isTrue("stderr"), isTrue("tty"));
    }

    private boolean isTrue(String name) {
        return TRUE.contains(text(name));
    }

    /// For `/portForward`.
    String forPorts() {
        return values.getOrDefault("ports", List.of()).stream()
                .map(port -> pair("port", port))
                .collect(Collectors.joining("&"));
    }

    private static String pair(String name, String value) {
        return name + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8);
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return text;
        }
    }
}
