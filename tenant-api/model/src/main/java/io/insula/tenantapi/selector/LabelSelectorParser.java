package io.insula.tenantapi.selector;

import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.selector.Requirement.Operator;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// Recursive descent over the query string form. Confined to one call. Source: kubernetes/apimachinery,
/// `labels.Parser`, wording included.
final class LabelSelectorParser {

    private static final String SPECIAL = "=!(),><";
    private static final Set<String> SYMBOLS = Set.of(")", ",", "!", "==", "=", "!=", "(", ">", "<");
    private static final String BINARY = "in, notin, =, ==, !=, gt, lt";

    private final List<String> tokens;
    private int position;

    LabelSelectorParser(String text) {
        this.tokens = tokens(text);
    }

    List<Requirement> parse() {
        var requirements = new ArrayList<Requirement>();
        if (peek().isEmpty()) {
            return requirements;
        }
        if (!startsRequirement()) {
            throw bad("found '" + peek() + "', expected: !, identifier, or 'end of string'");
        }
        while (true) {
            requirements.add(requirement());
            String next = take();
            if (next.isEmpty()) {
                return requirements;
            }
            if (!next.equals(",")) {
                throw bad("found '" + next + "', expected: ',' or 'end of string'");
            }
            if (!startsRequirement()) {
                throw bad("found '" + peek() + "', expected: identifier after ','");
            }
        }
    }

    private Requirement requirement() {
        boolean absent = peek().equals("!");
        if (absent) {
            take();
        }
        String key = identifier();
        var errors = LabelSyntax.keyErrors(key);
        if (!errors.isEmpty()) {
            // upstream has no field path here and prints Go's <nil>
            throw wrapped("<nil>: Invalid value: \"" + key + "\": " + String.join("; ", errors));
        }
        boolean unary = peek().isEmpty() || peek().equals(",");
        if (absent || unary) {
            return Requirement.of(key, absent ? Operator.DOES_NOT_EXIST : Operator.EXISTS, List.of());
        }
        Operator operator = operator();
        boolean set = operator == Operator.IN || operator == Operator.NOT_IN;
        return Requirement.of(key, operator, set ? setValues() : exactValue());
    }

    private Operator operator() {
        String token = take();
        return switch (token) {
            case "in" -> Operator.IN;
            case "notin" -> Operator.NOT_IN;
            case "=" -> Operator.EQUALS;
            case "==" -> Operator.DOUBLE_EQUALS;
            case "!=" -> Operator.NOT_EQUALS;
            case ">" -> Operator.GREATER;
            case "<" -> Operator.LESS;
            default -> throw wrapped("found '" + token + "', expected: " + BINARY);
        };
    }

    private Set<String> exactValue() {
        return peek().isEmpty() || peek().equals(",") ? Set.of("") : Set.of(identifier());
    }

    private Set<String> setValues() {
        if (!peek().equals("(")) {
            throw wrapped("found '" + peek() + "' expected: '('");
        }
        take();
        var values = new TreeSet<String>();
        if (peek().equals(")")) {
            take();
            return values;
        }
        while (true) {
            // an empty element, as in `(,a)`, is the empty value
            boolean empty = peek().equals(",") || peek().equals(")");
            if (!empty && !isIdentifier(peek())) {
                throw wrapped("found '" + peek() + "', expected: ',', or identifier");
            }
            values.add(empty ? "" : take());
            String next = take();
            if (next.equals(")")) {
                return values;
            }
            if (!next.equals(",")) {
                throw wrapped("found '" + next + "', expected: ',' or ')'");
            }
        }
    }

    private String identifier() {
        String token = take();
        if (!isIdentifier(token)) {
            throw wrapped("found '" + token + "', expected: identifier");
        }
        return token;
    }

    private boolean startsRequirement() {
        return peek().equals("!") || isIdentifier(peek());
    }

    private static boolean isIdentifier(String token) {
        return !token.isEmpty() && SPECIAL.indexOf(token.charAt(0)) < 0;
    }

    /// The next token; empty at the end.
    private String peek() {
        return position < tokens.size() ? tokens.get(position) : "";
    }

    private String take() {
        String token = peek();
        position++;
        return token;
    }

    private static List<String> tokens(String text) {
        var tokens = new ArrayList<String>();
        int at = 0;
        while (at < text.length()) {
            char c = text.charAt(at);
            int end = at + 1;
            if (isSpace(c)) {
                at = end;
                continue;
            }
            if (SPECIAL.indexOf(c) >= 0) {
                if (end < text.length() && SYMBOLS.contains(text.substring(at, end + 1))) {
                    end++;
                }
            } else {
                while (end < text.length() && !isSpace(text.charAt(end)) && SPECIAL.indexOf(text.charAt(end)) < 0) {
                    end++;
                }
            }
            tokens.add(text.substring(at, end));
            at = end;
        }
        return tokens;
    }

    private static boolean isSpace(char c) {
        return c == ' ' || c == '\t' || c == '\r' || c == '\n';
    }

    private static ApiException wrapped(String why) {
        return bad("unable to parse requirement: " + why);
    }

    private static ApiException bad(String why) {
        return ApiException.badRequest(why);
    }
}
