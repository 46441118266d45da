package io.insula.host.simulation;

import java.util.ArrayList;
import java.util.List;

/// Splits a script of the shell into statements and words. Knows quotes, comments and separators, and no more. Pure.
final class ShellText {

    private final String text;
    private final List<Statement> statements = new ArrayList<>();
    private List<String> words = new ArrayList<>();
    private final StringBuilder word = new StringBuilder();
    private boolean inWord;
    private int at;

    /// @param separator what follows: `;`, `&&`, `||`, `|` or `&`
    record Statement(List<String> words, String separator) {
        Statement {
            words = List.copyOf(words);
        }
    }

    private ShellText(String text) {
        this.text = text;
    }

    static List<Statement> statements(String script) {
        var reader = new ShellText(script);
        reader.read();
        return List.copyOf(reader.statements);
    }

    private void read() {
        while (at < text.length()) {
            char c = text.charAt(at++);
            switch (c) {
                case '\'', '"' -> quoted(c);
                case '\\' -> {
                    if (at < text.length()) {
                        add(text.charAt(at++));
                    }
                }
                case ' ', '\t' -> endWord();
                case ';', '\n' -> endStatement(";");
                case '&', '|' -> separator(c);
                case '#' -> {
                    if (inWord) {
                        add(c);
                    } else {
                        int end = text.indexOf('\n', at);
                        at = end < 0 ? text.length() : end;
                    }
                }
                default -> add(c);
            }
        }
        endStatement(";");
    }

    private void separator(char c) {
        boolean redirects = c == '&' && word.toString().endsWith(">");
        if (redirects) {
            add(c);
            return;
        }
        boolean twice = at < text.length() && text.charAt(at) == c;
        at += twice ? 1 : 0;
        endStatement(twice ? "" + c + c : String.valueOf(c));
    }

    private void quoted(char quote) {
        inWord = true;
        while (at < text.length() && text.charAt(at) != quote) {
            boolean escapes = quote == '"' && text.charAt(at) == '\\' && at + 1 < text.length();
            at += escapes ? 1 : 0;
            word.append(text.charAt(at++));
        }
        at++;
    }

    private void add(char c) {
        inWord = true;
        word.append(c);
    }

    private void endWord() {
        if (inWord) {
            words.add(word.toString());
        }
        word.setLength(0);
        inWord = false;
    }

    private void endStatement(String separator) {
        endWord();
        if (!words.isEmpty()) {
            statements.add(new Statement(words, separator));
        }
        words = new ArrayList<>();
    }
}
