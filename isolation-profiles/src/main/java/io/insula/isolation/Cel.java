package io.insula.isolation;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.stream.Collectors;

/// Pieces of CEL expressions. Pure.
final class Cel {

    private Cel() {}

    /// A string literal that means exactly `text`.
    static String text(String text) {
        var literal = new StringBuilder("\"");
        text.codePoints().forEach(each -> {
            if (each == '"' || each == '\\') {
                literal.append('\\').appendCodePoint(each);
            } else if (each < ' ' || each > '~') {
                literal.append(String.format(each > 0xffff ? "\\U%08x" : "\\u%04x", each));
            } else {
                literal.appendCodePoint(each);
            }
        });
        return literal.append('"').toString();
    }

    /// Expressions by their names, in this order.
    static SequencedMap<String, String> named(String... namesAndExpressions) {
        var named = new LinkedHashMap<String, String>();
        for (int i = 0; i < namesAndExpressions.length; i += 2) {
            named.put(namesAndExpressions[i], namesAndExpressions[i + 1]);
        }
        return named;
    }

    /// A list literal, sorted so that the same rules always give the same text.
    static String list(Collection<String> texts) {
        return texts.stream().sorted().map(Cel::text).collect(Collectors.joining(", ", "[", "]"));
    }
}
