package io.insula.host.simulation;

import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Whole numbers as the shell's `$((…))` and `expr` reckon them: two at a time, without brackets.
final class Arithmetic {

    private static final Pattern TWO = Pattern.compile("\\s*([$\\w]+)\\s*(==|!=|<=|>=|[-+*/%<>])\\s*([$\\w]+)\\s*");

    private Arithmetic() {}

    /// @throws Unknowable anything else
    static long of(String text, Function<String, Optional<String>> variables) {
        Matcher two = TWO.matcher(text);
        return two.matches()
                ? reckon(number(two.group(1), variables), two.group(2), number(two.group(3), variables))
                : number(text.strip(), variables);
    }

    /// @throws Unknowable what is no operator
    static long reckon(long left, String operator, long right) {
        if ("/%".contains(operator) && right == 0) {
            throw new Unknowable("a division by zero");
        }
        return switch (operator) {
            case "+" -> left + right;
            case "-" -> left - right;
            case "*" -> left * right;
            case "/" -> left / right;
            case "%" -> left % right;
            case "=", "==" -> left == right ? 1 : 0;
            case "!=" -> left != right ? 1 : 0;
            case "<" -> left < right ? 1 : 0;
            case "<=" -> left <= right ? 1 : 0;
            case ">" -> left > right ? 1 : 0;
            case ">=" -> left >= right ? 1 : 0;
            default -> throw new Unknowable(operator);
        };
    }

    /// @throws Unknowable what is none
    static long number(String text) {
        if (!text.matches("-?\\d{1,18}")) {
            throw new Unknowable("a number");
        }
        return Long.parseLong(text);
    }

    private static long number(String word, Function<String, Optional<String>> variables) {
        String name = word.startsWith("$") ? word.substring(1) : word;
        if (name.matches("-?\\d+")) {
            return number(name);
        }
        String value = ScriptRun.known(variables.apply(name));
        return value.isEmpty() ? 0 : number(value);
    }
}
