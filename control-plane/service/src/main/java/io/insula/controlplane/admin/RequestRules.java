package io.insula.controlplane.admin;

import io.insula.tenantapi.http.HttpRequest;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// What every request must keep to, whatever its route. What is not understood is refused, never passed over.
final class RequestRules {

    /// Neither escapes nor parameters nor empty, `.` and `..` segments: no two paths mean the same.
    private static final Pattern PLAIN = Pattern.compile("(/[A-Za-z0-9_-][A-Za-z0-9._-]*)+");

    private static final Set<String> BODY_TYPES = Set.of("application/json", "application/merge-patch+json");

    /// Headers that change what a request does; a route names those that it heeds.
    private static final Set<String> CONDITIONS = Set.of(
            "if-match",
            "if-none-match",
            "if-modified-since",
            "if-unmodified-since",
            "if-range",
            "range",
            "idempotency-key");

    /// Conditions on GET that a server may pass over without doing harm. Source: RFC 9110, sections 13.1.3 and 14.2.
    private static final Set<String> HARMLESS = Set.of("if-none-match", "if-modified-since", "if-range", "range");

    private RequestRules() {}

    static boolean isPlain(String path) {
        return PLAIN.matcher(path).matches();
    }

    /// @throws AdminException 406 where JSON is not among what the client takes
    static void requireAcceptsJson(HttpRequest request) {
        List<String> ranges = request.headers("accept").stream()
                .flatMap(header -> Arrays.stream(header.split(",", -1)))
                .map(String::strip)
                .filter(range -> !range.isEmpty())
                .toList();
        if (!ranges.isEmpty() && ranges.stream().noneMatch(RequestRules::isJson)) {
            throw AdminException.notAcceptable(
                    "Accept: " + String.join(", ", ranges) + " (expected: application/json among them)");
        }
    }

    /// @throws AdminException 400 for a parameter that is unknown, given twice or not readable
    static Map<String, String> query(String raw, Set<String> known) {
        var all = new LinkedHashMap<String, String>();
        if (raw.isEmpty()) {
            return all;
        }
        for (String part : raw.split("&", -1)) {
            int equals = part.indexOf('=');
            String name = decode(equals < 0 ? part : part.substring(0, equals));
            if (!known.contains(name)) {
                throw AdminException.badRequest("unknown query parameter \"" + name + "\" (expected: "
                        + (known.isEmpty()
                                ? "none"
                                : String.join(", ", known.stream().sorted().toList()))
                        + ")");
            }
            if (all.put(name, equals < 0 ? "" : decode(part.substring(equals + 1))) != null) {
                throw AdminException.badRequest("query parameter \"" + name + "\" is there twice");
            }
        }
        return all;
    }

    /// @throws AdminException 400 for a condition that the route would not heed, or one that is there twice
    static void requireKnownHeaders(HttpRequest request, Set<String> heeded) {
        for (String name : CONDITIONS) {
            List<String> values = request.headers(name);
            boolean known = heeded.stream().anyMatch(header -> header.equalsIgnoreCase(name));
            boolean harmless = request.method().equals("GET") && HARMLESS.contains(name);
            if (!values.isEmpty() && !known && !harmless) {
                throw AdminException.badRequest("header " + name + " has no meaning here");
            }
            if (known && values.size() > 1) {
                throw AdminException.badRequest("header " + name + " is there twice");
            }
        }
    }

    /// @param fields that there may be; empty for a route without a body
    /// @throws AdminException 400, 413 or 415
    static Optional<StrictBody> body(HttpRequest request, Optional<Set<String>> fields, int maxBytes) {
        int length = request.body().length;
        if (length > maxBytes) {
            throw AdminException.tooLarge("body: " + length + " bytes (expected: at most " + maxBytes + ")");
        }
        if (fields.isEmpty()) {
            if (length > 0) {
                throw AdminException.badRequest("body: " + length + " bytes (expected: none)");
            }
            return Optional.empty();
        }
        requireJson(request);
        return Optional.of(StrictBody.parse(request.body(), fields.get()));
    }

    private static void requireJson(HttpRequest request) {
        List<String> types = request.headers("content-type");
        if (types.size() != 1 || !isBodyType(request.method(), types.getFirst())) {
            throw AdminException.unsupportedMediaType("Content-Type: "
                    + (types.isEmpty() ? "missing" : String.join(", ", types)) + " (expected: application/json)");
        }
        List<String> codings = request.headers("content-encoding");
        if (codings.stream().anyMatch(coding -> !coding.strip().equalsIgnoreCase("identity"))) {
            throw AdminException.unsupportedMediaType(
                    "Content-Encoding: " + String.join(", ", codings) + " (expected: none)");
        }
    }

    private static boolean isBodyType(String method, String header) {
        String[] parts = header.split(";", -1);
        String type = parts[0].strip().toLowerCase(Locale.ROOT);
        boolean known = BODY_TYPES.contains(type) && (type.equals("application/json") || method.equals("PATCH"));
        return known
                && Arrays.stream(parts)
                        .skip(1)
                        .map(p -> p.strip().toLowerCase(Locale.ROOT).replace("\"", ""))
                        .allMatch("charset=utf-8"::equals);
    }

    private static boolean isJson(String range) {
        String[] parts = range.split(";", -1);
        String type = parts[0].strip().toLowerCase(Locale.ROOT);
        boolean refused = Arrays.stream(parts)
                .skip(1)
                .map(p -> p.replace(" ", "").toLowerCase(Locale.ROOT))
                .anyMatch(p -> p.matches("q=0(\\.0*)?"));
        return !refused && Set.of("*/*", "application/*", "application/json").contains(type);
    }

    /// @throws AdminException 400 for an escape that is none, or bytes that are no UTF-8
    private static String decode(String raw) {
        var bytes = ByteBuffer.allocate(raw.length());
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c == '%') {
                if (i + 2 >= raw.length() || !isHex(raw.charAt(i + 1)) || !isHex(raw.charAt(i + 2))) {
                    throw unreadable(raw);
                }
                bytes.put((byte) Integer.parseInt(raw, i + 1, i + 3, 16));
                i += 2;
            } else if (c > ' ' && c < 0x7f) {
                bytes.put((byte) (c == '+' ? ' ' : c));
            } else {
                throw unreadable(raw);
            }
        }
        try {
            String text =
                    StandardCharsets.UTF_8.newDecoder().decode(bytes.flip()).toString();
            if (text.chars().anyMatch(Character::isISOControl)) {
                throw unreadable(raw);
            }
            return text;
        } catch (CharacterCodingException e) {
            throw unreadable(raw);
        }
    }

    private static boolean isHex(char c) {
        return Character.digit(c, 16) >= 0 && c < 0x7f;
    }

    private static AdminException unreadable(String raw) {
        return AdminException.badRequest("query: \"" + raw + "\" is not readable (expected: UTF-8, escaped by %XX)");
    }
}
