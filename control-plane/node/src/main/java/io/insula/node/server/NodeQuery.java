package io.insula.node.server;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The query of a request. Immutable. What it cannot read it refuses, naming it.
record NodeQuery(Map<String, List<String>> values) {

    private static final Set<String> TRUE = Set.of("1", "true", "True", "TRUE", "t", "T");

    static NodeQuery of(String raw) {
        var values = new LinkedHashMap<String, List<String>>();
        for (String pair : raw.split("&", -1)) {
            if (!pair.isEmpty()) {
                int equals = pair.indexOf('=');
                String name = decoded(equals < 0 ? pair : pair.substring(0, equals));
                values.computeIfAbsent(name, _ -> new ArrayList<>())
                        .add(equals < 0 ? "" : decoded(pair.substring(equals + 1)));
            }
        }
        return new NodeQuery(values);
    }

    static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw NodeRefusal.bad("not an encoded URL: " + text);
        }
    }

    List<String> all(String name) {
        return values.getOrDefault(name, List.of());
    }

    String text(String name) {
        return all(name).isEmpty() ? "" : all(name).getFirst();
    }

    boolean isTrue(String name) {
        return TRUE.contains(text(name));
    }

    Optional<Long> count(String name) {
        String text = text(name);
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            long value = Long.parseLong(text);
            if (value >= 0) {
                return Optional.of(value);
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new NodeRefusal(422, name + ": \"" + text + "\" (expected: a number >= 0)");
    }

    Optional<Instant> time(String name) {
        String text = text(name);
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(OffsetDateTime.parse(text).toInstant());
        } catch (DateTimeException e) {
            throw new NodeRefusal(422, name + ": \"" + text + "\" (expected: a time as in RFC 3339)");
        }
    }
}
