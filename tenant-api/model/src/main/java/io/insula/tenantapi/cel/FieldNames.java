package io.insula.tenantapi.cel;

import java.util.Optional;
import java.util.Set;

/// JSON property names as CEL identifiers: `foo-bar` is `foo__dash__bar`, `namespace` is `__namespace__`. Source:
/// kubernetes/apiserver, `pkg/cel/escaping.go`.
public final class FieldNames {

    private static final Set<String> RESERVED = Set.of(
            "true",
            "false",
            "null",
            "in",
            "as",
            "break",
            "const",
            "continue",
            "else",
            "for",
            "function",
            "if",
            "import",
            "let",
            "loop",
            "package",
            "namespace",
            "return",
            "var",
            "void",
            "while");

    private FieldNames() {}

    /// Empty where no identifier can stand for `name`: it begins with a digit or has other characters than letters,
    /// digits and `_.-/`.
    public static Optional<String> escape(String name) {
        if (name.isEmpty() || Character.isDigit(name.charAt(0))) {
            return Optional.empty();
        }
        if (RESERVED.contains(name)) {
            return Optional.of("__" + name + "__");
        }
        var escaped = new StringBuilder(name.length());
        int at = 0;
        while (at < name.length()) {
            char c = name.charAt(at++);
            switch (c) {
                case '.' -> escaped.append("__dot__");
                case '-' -> escaped.append("__dash__");
                case '/' -> escaped.append("__slash__");
                case '_' -> {
                    boolean twice = at < name.length() && name.charAt(at) == '_';
                    escaped.append(twice ? "__underscores__" : "_");
                    at += twice ? 1 : 0;
                }
                default -> {
                    if (!(c < 128 && Character.isLetterOrDigit(c))) {
                        return Optional.empty();
                    }
                    escaped.append(c);
                }
            }
        }
        return Optional.of(escaped.toString());
    }
}
