package io.insula.tenantapi.pipeline;

import io.insula.tenantapi.api.ApiException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The query string. Immutable.
final class Query {

    private final Map<String, List<String>> values;

    private Query(Map<String, List<String>> values) {
        this.values = values;
    }

    static final Query NONE = new Query(Map.of());

    static Query of(String raw) {
        var values = new LinkedHashMap<String, List<String>>();
        for (String pair : raw.split("&", -1)) {
            if (!pair.isEmpty()) {
                int equals = pair.indexOf('=');
                String name = equals < 0 ? pair : pair.substring(0, equals);
                String value = equals < 0 ? "" : pair.substring(equals + 1);
                values.computeIfAbsent(decode(name), n -> new ArrayList<>()).add(decode(value));
            }
        }
        return new Query(values);
    }

    List<String> all(String name) {
        return List.copyOf(values.getOrDefault(name, List.of()));
    }

    /// The first value; empty where there is none.
    String text(String name) {
        List<String> all = values.getOrDefault(name, List.of());
        return all.isEmpty() ? "" : all.getFirst();
    }

    /// As upstream reads booleans in queries: present means true unless it says `false` or `0`.
    boolean isTrue(String name) {
        return flag(name).orElse(false);
    }

    Optional<Boolean> flag(String name) {
        if (!values.containsKey(name)) {
            return Optional.empty();
        }
        String text = text(name);
        return Optional.of(!text.equalsIgnoreCase("false") && !text.equals("0"));
    }

    /// @return `otherwise` where absent
    /// @throws ApiException 400 when it is not a number
    long number(String name, long otherwise) {
        String text = text(name);
        if (text.isEmpty()) {
            return otherwise;
        }
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw ApiException.badRequest("strconv.ParseInt: parsing \"" + text + "\": invalid syntax");
        }
    }

    private static String decode(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return text;
        }
    }
}
