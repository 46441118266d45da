package io.insula.node.pod;

import java.util.Map;

/// `$(NAME)` in commands, arguments and values of the environment. Source: Kubernetes, "Define Environment Variables
/// for a Container": an unknown name stays as it is, `$$` is a dollar that refers to nothing. Stateless.
final class Expansion {

    private Expansion() {}

    static String expand(String text, Map<String, String> values) {
        var out = new StringBuilder();
        int at = 0;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c != '$' || at + 1 == text.length()) {
                out.append(c);
                at++;
                continue;
            }
            char next = text.charAt(at + 1);
            int end = next == '(' ? text.indexOf(')', at + 2) : -1;
            if (next == '$') {
                out.append('$');
                at += 2;
            } else if (end > 0) {
                String value = values.get(text.substring(at + 2, end));
                out.append(value == null ? text.substring(at, end + 1) : value);
                at = end + 1;
            } else {
                out.append(c).append(next);
                at += 2;
            }
        }
        return out.toString();
    }
}
