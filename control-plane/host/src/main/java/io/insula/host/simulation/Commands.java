package io.insula.host.simulation;

import io.insula.host.simulation.Behavior.Ends;
import io.insula.host.simulation.Behavior.Runs;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What commands do, as far as it is known without running them. A script of the shell ends if everything in it is
/// known
/// to end; loops that may be endless, conditions and unknown programs run on. Pure.
final class Commands {

    private static final Set<String> SHELLS = Set.of("sh", "bash", "ash", "dash");
    /// Programs that end at once, with success.
    private static final Set<String> QUICK = Set.of(
            "true",
            ":",
            "echo",
            "printf",
            "date",
            "ls",
            "cat",
            "env",
            "printenv",
            "hostname",
            "id",
            "whoami",
            "uname",
            "pwd",
            "mkdir",
            "touch",
            "rm",
            "cp",
            "mv",
            "ln",
            "chmod",
            "chown",
            "test",
            "[",
            "set",
            "export",
            "cd",
            "perl",
            "expr",
            "seq",
            "wc",
            "head",
            "grep",
            "sort",
            "sync",
            "nslookup");
    private static final Duration LONGEST = Duration.ofDays(3650);

    private Commands() {}

    static Behavior behavior(List<String> words, Duration pace) {
        Optional<Ends> end = command(words, pace);
        return end.isPresent() ? end.get() : new Runs();
    }

    /// How a command ends; empty for what is not known to.
    private static Optional<Ends> command(List<String> words, Duration pace) {
        if (words.isEmpty()) {
            return Optional.empty();
        }
        String program = words.getFirst().substring(words.getFirst().lastIndexOf('/') + 1);
        List<String> arguments = words.subList(1, words.size());
        if (SHELLS.contains(program)) {
            return script(arguments, pace);
        }
        if (program.equals("cat") && (arguments.isEmpty() || arguments.contains("-"))) {
            return Optional.empty(); // waits for its input
        }
        if (QUICK.contains(program)) {
            return Optional.of(new Ends(0, pace));
        }
        return switch (program) {
            case "false" -> Optional.of(new Ends(1, pace));
            case "exit" -> Optional.of(new Ends(arguments.isEmpty() ? 0 : number(arguments.getFirst()), pace));
            case "sleep" -> sleep(arguments, pace);
            default -> Optional.empty();
        };
    }

    private static Optional<Ends> sleep(List<String> arguments, Duration pace) {
        Duration sum = Duration.ZERO;
        for (String argument : arguments) {
            String digits = argument.replaceAll("[smhd]$", "");
            if (!digits.matches("\\d{1,9}(\\.\\d{1,3})?")) {
                return Optional.empty();
            }
            long factor = switch (argument.charAt(argument.length() - 1)) {
                case 'm' -> 60;
                case 'h' -> 3600;
                case 'd' -> 86_400;
                default -> 1;
            };
            sum = sum.plusMillis((long) (Double.parseDouble(digits) * 1000 * factor));
        }
        Duration longest = sum.compareTo(LONGEST) > 0 ? LONGEST : sum;
        return arguments.isEmpty()
                ? Optional.of(new Ends(1, pace))
                : Optional.of(new Ends(0, longest.compareTo(pace) < 0 ? pace : longest));
    }

    private static Optional<Ends> script(List<String> arguments, Duration pace) {
        int at = 0;
        while (at < arguments.size() && arguments.get(at).startsWith("-")) {
            if (arguments.get(at).endsWith("c") && at + 1 < arguments.size()) {
                return statements(arguments.get(at + 1), arguments.get(at).contains("e"), pace);
            }
            at++;
        }
        return Optional.empty();
    }

    private static Optional<Ends> statements(String script, boolean stopsAtFailure, Duration pace) {
        Duration spent = Duration.ZERO;
        int code = 0;
        String before = ";";
        for (ShellText.Statement statement : ShellText.statements(script)) {
            boolean skipped = (before.equals("&&") && code != 0) || (before.equals("||") && code == 0);
            before = statement.separator();
            List<String> words = withoutLoop(statement.words());
            if (words.isEmpty() || skipped) {
                continue;
            }
            Optional<Ends> end = before.equals("&") ? Optional.empty() : command(words, pace);
            if (end.isEmpty()) {
                return Optional.empty();
            }
            spent = spent.plus(words.getFirst().equals("sleep") ? end.get().after() : Duration.ZERO);
            code = end.get().code();
            if (words.getFirst().equals("exit") || (stopsAtFailure && code != 0 && before.equals(";"))) {
                break;
            }
        }
        return Optional.of(new Ends(code, spent.compareTo(pace) < 0 ? pace : spent));
    }

    /// `for x in a b; do …; done` ends when its body does; what sets a variable is nothing by itself.
    private static List<String> withoutLoop(List<String> words) {
        var rest = new ArrayList<>(words);
        while (!rest.isEmpty()
                && (rest.getFirst().equals("do") || rest.getFirst().matches("[A-Za-z_]\\w*=.*"))) {
            rest.removeFirst();
        }
        boolean finite = !rest.isEmpty()
                && (rest.getFirst().equals("done") || rest.getFirst().equals("for"));
        return finite && !rest.toString().contains("((") ? List.of() : rest;
    }

    private static int number(String text) {
        return text.matches("\\d{1,9}") ? Integer.parseInt(text) & 0xff : 2;
    }
}
