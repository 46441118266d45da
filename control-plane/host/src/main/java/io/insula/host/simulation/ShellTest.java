package io.insula.host.simulation;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What `test`, `[` and `[[` answer. Used by one thread.
/// Source: POSIX, "test".
final class ShellTest {

    private static final Set<String> FILES = Set.of("-e", "-f", "-d", "-r", "-w", "-x");

    private final List<Optional<String>> words;
    private final ScratchFiles.Of files;
    private int at;

    private ShellTest(List<Optional<String>> words, ScratchFiles.Of files) {
        this.words = words;
        this.files = files;
    }

    /// @param words without the brackets
    /// @throws Unknowable where nobody knows
    static boolean holds(List<Optional<String>> words, ScratchFiles.Of files) {
        if (words.isEmpty()) {
            return false;
        }
        var test = new ShellTest(words, files);
        boolean holds = test.either();
        if (test.at < words.size()) {
            throw new Unknowable("a test");
        }
        return holds;
    }

    private boolean either() {
        boolean holds = both();
        while (is("-o") || is("||")) {
            at++;
            holds |= both();
        }
        return holds;
    }

    private boolean both() {
        boolean holds = one();
        while (is("-a") || is("&&")) {
            at++;
            holds &= one();
        }
        return holds;
    }

    private boolean one() {
        boolean inverted = false;
        while (is("!") && at + 1 < words.size()) {
            at++;
            inverted = !inverted;
        }
        return inverted != plain();
    }

    private boolean plain() {
        String first = next();
        boolean unary = at < words.size()
                && (FILES.contains(first) || first.equals("-z") || first.equals("-n"))
                && (at + 1 == words.size() || isJoint(words.get(at + 1)));
        if (unary) {
            String operand = next();
            return FILES.contains(first) ? files.has(operand) : operand.isEmpty() == first.equals("-z");
        }
        if (at == words.size() || isJoint(words.get(at))) {
            return !first.isEmpty();
        }
        String operator = next();
        String second = next();
        return switch (operator) {
            case "=", "==" -> first.equals(literal(second));
            case "!=" -> !first.equals(literal(second));
            case "-eq" -> Arithmetic.number(first) == Arithmetic.number(second);
            case "-ne" -> Arithmetic.number(first) != Arithmetic.number(second);
            case "-lt" -> Arithmetic.number(first) < Arithmetic.number(second);
            case "-le" -> Arithmetic.number(first) <= Arithmetic.number(second);
            case "-gt" -> Arithmetic.number(first) > Arithmetic.number(second);
            case "-ge" -> Arithmetic.number(first) >= Arithmetic.number(second);
            default -> throw new Unknowable(operator);
        };
    }

    private static boolean isJoint(Optional<String> word) {
        return Set.of("-a", "-o", "&&", "||").contains(word.orElse(""));
    }

    private boolean is(String word) {
        return at < words.size() && words.get(at).equals(Optional.of(word));
    }

    private String next() {
        if (at == words.size()) {
            throw new Unknowable("a test");
        }
        return ScriptRun.known(words.get(at++));
    }

    /// What may be a pattern is not compared.
    private static String literal(String text) {
        if (text.matches(".*[*?\\[\\\\].*")) {
            throw new Unknowable("a pattern");
        }
        return text;
    }
}
