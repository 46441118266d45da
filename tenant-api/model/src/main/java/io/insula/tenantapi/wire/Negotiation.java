package io.insula.tenantapi.wire;

import io.insula.tenantapi.api.ApiException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/// Reads `Accept`: clauses by falling quality, each with its parameters.
/// Source: RFC 9110, "Accept"; kubernetes/apiserver, `endpoints/handlers/negotiation`.
public final class Negotiation {

    private Negotiation() {}

    /// One clause of an `Accept` header.
    ///
    /// @param type lower case, e.g. application/json or a wildcard
    /// @param parameters lower-case names; without `q`
    public record Clause(String type, Map<String, String> parameters, double quality) {
        public String parameter(String name) {
            return parameters.getOrDefault(name, "");
        }

        private int wildcards() {
            return (int) type.chars().filter(c -> c == '*').count();
        }
    }

    /// What to answer with.
    ///
    /// @param as empty, `Table`, `PartialObjectMetadata` or `PartialObjectMetadataList`
    /// @param group of the `as` kind, else empty
    /// @param version of the `as` kind, else empty
    public record Choice(WireFormat format, String as, String group, String version) {

        /// The `Content-Type` of a whole body, which says itself what it is.
        public String contentType() {
            return format.mediaType();
        }

        /// The same with the kind that was chosen, as clients of discovery look for it there.
        public String contentTypeWithKind() {
            return contentType() + (as.isEmpty() ? "" : ";g=" + group + ";v=" + version + ";as=" + as);
        }

        /// The `Content-Type` of a watch.
        public String streamType() {
            return format == WireFormat.JSON ? "application/json" : format.mediaType() + ";stream=watch";
        }
    }

    /// All clauses, best first; among equals what is said plainly comes before wildcards, then the client's order
    /// counts. No header means everything.
    public static List<Clause> clauses(List<String> acceptHeaders) {
        var clauses = new ArrayList<Clause>();
        for (String header : acceptHeaders) {
            for (String part : header.split(",", -1)) {
                if (!part.isBlank()) {
                    clauses.add(clause(part));
                }
            }
        }
        if (clauses.isEmpty()) {
            clauses.add(new Clause("*/*", Map.of(), 1));
        }
        clauses.sort(Comparator.comparingDouble(Clause::quality).reversed().thenComparingInt(Clause::wildcards));
        return clauses;
    }

    /// The first clause that can be served.
    ///
    /// @param formats in which the answer can be encoded; the first serves wildcards
    /// @param transforms whether a clause's `as` (never empty) can be served in a format
    /// @throws ApiException 406 when none can
    public static Choice choose(List<String> acceptHeaders, List<WireFormat> formats, Predicate<Choice> transforms) {
        for (Clause clause : clauses(acceptHeaders)) {
            Optional<WireFormat> format = format(clause.type(), formats);
            if (clause.quality() <= 0 || format.isEmpty()) {
                continue;
            }
            var choice = new Choice(format.get(), clause.parameter("as"), clause.parameter("g"), clause.parameter("v"));
            if (choice.as().isEmpty() || transforms.test(choice)) {
                return choice;
            }
        }
        throw ApiException.notAcceptable(
                formats.stream().map(WireFormat::mediaType).toList());
    }

    private static Optional<WireFormat> format(String type, List<WireFormat> formats) {
        if (type.equals("*/*") || type.equals("application/*")) {
            return Optional.of(formats.getFirst());
        }
        return formats.stream().filter(f -> f.mediaType().equals(type)).findFirst();
    }

    private static Clause clause(String text) {
        String[] parts = text.split(";", -1);
        var parameters = new HashMap<String, String>();
        double quality = 1;
        for (int i = 1; i < parts.length; i++) {
            String[] pair = parts[i].split("=", 2);
            String name = pair[0].trim().toLowerCase(Locale.ROOT);
            String value = pair.length > 1 ? pair[1].trim() : "";
            if (name.equals("q")) {
                quality = quality(value);
            } else {
                parameters.put(name, value);
            }
        }
        return new Clause(parts[0].trim().toLowerCase(Locale.ROOT), Map.copyOf(parameters), quality);
    }

    private static double quality(String text) {
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException e) {
            return 0;
        }
    }
}
