package io.insula.controlplane.home;

import java.util.Locale;
import java.util.regex.Pattern;

/// A word as a person can paste it into a POSIX shell: every command that we print is made of these. Stateless.
public final class ShellWord {

    /// What no shell reads as anything but itself. Source: POSIX.1-2024, Shell Command Language, "Quoting".
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_@%+=:,./-]+");

    private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}");

    private ShellWord() {}

    /// `word` itself where it means itself, else quoted so that the shell hands on exactly `word`. Control
    /// characters, which would change the terminal, are written as escapes.
    public static String quote(Object word) {
        String text = word.toString();
        if (PLAIN.matcher(text).matches()) {
            return text;
        }
        return CONTROL.matcher(text).find() ? escaped(text) : "'" + text.replace("'", "'\\''") + "'";
    }

    /// Dollar-single-quotes. Source: the same, "Dollar-Single-Quotes".
    private static String escaped(String text) {
        var quoted = new StringBuilder("$'");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\'' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < ' ' || c == 0x7f) {
                // Three digits always, so that a digit that follows is not taken in.
                quoted.append(String.format(Locale.ROOT, "\\%03o", (int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('\'').toString();
    }
}
