package io.insula.host.simulation;

import static io.insula.host.simulation.ScriptRun.known;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/// What programs do, as far as it is known without running them.
final class Commands {

    private static final Set<String> SHELLS = Set.of("sh", "bash", "ash", "dash");
    /// Programs that end at once, with success.
    private static final Set<String> QUICK = Set.of(
            "true",
            ":",
            "printf",
            "date",
            "env",
            "printenv",
            "hostname",
            "id",
            "whoami",
            "uname",
            "pwd",
            "chmod",
            "chown",
            "cd",
            "perl",
            "wc",
            "head",
            "grep",
            "sort",
            "sync",
            "nslookup");
    private static final int LONGEST_SEQUENCE = 1000;

    private Commands() {}

    /// The code that a command ends with.
    ///
    /// @param words a text that nobody knows is empty
    /// @throws Unknowable of what nobody knows how it ends, or whether it does
    static int run(List<Optional<String>> words, ScriptRun shell) {
        String path = known(words.getFirst());
        String program = path.substring(path.lastIndexOf('/') + 1);
        List<Optional<String>> arguments = words.subList(1, words.size());
        if (SHELLS.contains(program)) {
            return shell(arguments, shell);
        }
        if (QUICK.contains(program)) {
            shell.say(Optional.empty());
            return 0;
        }
        return switch (program) {
            case "false" -> 1;
            case "exit" -> exit(arguments, shell);
            case "exec" -> exec(arguments, shell);
            case "set" -> set(arguments, shell);
            case "export" -> export(arguments, shell);
            case "sleep" -> sleep(arguments, shell);
            case "echo" -> echo(arguments, shell);
            case "expr" -> expr(arguments, shell);
            case "seq" -> seq(arguments, shell);
            case "test" -> ShellTest.holds(arguments, shell.files()) ? 0 : 1;
            case "[", "[[" -> bracketed(program, arguments, shell);
            case "cat", "ls" -> read(program, arguments, shell);
            case "touch", "mkdir" -> files(arguments, shell.files()::make);
            case "rm" -> files(arguments, shell.files()::remove);
            case "cp", "ln" -> files(last(arguments), shell.files()::make);
            case "mv" ->
                files(arguments.subList(0, Math.max(0, arguments.size() - 1)), shell.files()::remove)
                        + files(last(arguments), shell.files()::make);
            default -> throw new Unknowable(program);
        };
    }

    private static int shell(List<Optional<String>> arguments, ScriptRun shell) {
        boolean stops = false;
        for (int at = 0; at < arguments.size(); at++) {
            String option = known(arguments.get(at));
            if (!option.startsWith("-")) {
                throw new Unknowable("a file of commands");
            }
            stops |= option.contains("e");
            if (option.endsWith("c") && at + 1 < arguments.size()) {
                return shell.inner(ScriptReader.read(known(arguments.get(at + 1))), stops);
            }
        }
        return atEndOfInput(shell);
    }

    private static int atEndOfInput(ScriptRun shell) {
        if (shell.hasInput()) {
            throw new Unknowable("its input");
        }
        return 0;
    }

    private static int exit(List<Optional<String>> arguments, ScriptRun shell) {
        shell.end();
        if (arguments.isEmpty()) {
            return shell.code();
        }
        String code = known(arguments.getFirst());
        return code.matches("\\d{1,9}") ? Integer.parseInt(code) & 0xff : 2;
    }

    private static int exec(List<Optional<String>> arguments, ScriptRun shell) {
        if (arguments.isEmpty()) {
            return 0;
        }
        int code = run(arguments, shell);
        shell.end();
        return code;
    }

    private static int set(List<Optional<String>> arguments, ScriptRun shell) {
        boolean stops = arguments.stream()
                .flatMap(Optional::stream)
                .anyMatch(option -> option.startsWith("-") && !option.startsWith("--") && option.contains("e"));
        if (stops) {
            shell.stopAtFailure();
        }
        return 0;
    }

    private static int export(List<Optional<String>> arguments, ScriptRun shell) {
        for (Optional<String> argument : arguments) {
            String text = known(argument);
            int sign = text.indexOf('=');
            if (sign > 0) {
                shell.set(text.substring(0, sign), Optional.of(text.substring(sign + 1)));
            }
        }
        return 0;
    }

    private static int sleep(List<Optional<String>> arguments, ScriptRun shell) {
        for (Optional<String> argument : arguments) {
            String text = known(argument);
            String digits = text.replaceAll("[smhd]$", "");
            if (!digits.matches("\\d{1,9}(\\.\\d{1,3})?")) {
                throw new Unknowable("a time");
            }
            long factor = switch (text.charAt(text.length() - 1)) {
                case 'm' -> 60;
                case 'h' -> 3600;
                case 'd' -> 86_400;
                default -> 1;
            };
            shell.sleep(Duration.ofMillis((long) (Double.parseDouble(digits) * 1000 * factor)));
        }
        return arguments.isEmpty() ? 1 : 0;
    }

    private static int echo(List<Optional<String>> arguments, ScriptRun shell) {
        boolean plain = arguments.stream().allMatch(Optional::isPresent)
                && arguments.stream().flatMap(Optional::stream).noneMatch(text -> text.startsWith("-"));
        shell.say(
                plain
                        ? Optional.of(
                                arguments.stream().flatMap(Optional::stream).collect(Collectors.joining(" ", "", "\n")))
                        : Optional.empty());
        return 0;
    }

    private static int expr(List<Optional<String>> arguments, ScriptRun shell) {
        if (arguments.size() != 3) {
            throw new Unknowable("expr");
        }
        long value = Arithmetic.reckon(
                Arithmetic.number(known(arguments.get(0))),
                known(arguments.get(1)),
                Arithmetic.number(known(arguments.get(2))));
        shell.say(Optional.of(value + "\n"));
        return value == 0 ? 1 : 0;
    }

    private static int seq(List<Optional<String>> arguments, ScriptRun shell) {
        if (arguments.isEmpty() || arguments.size() > 2) {
            throw new Unknowable("seq");
        }
        long first = arguments.size() == 1 ? 1 : Arithmetic.number(known(arguments.getFirst()));
        long last = Arithmetic.number(known(arguments.getLast()));
        if (last - first > LONGEST_SEQUENCE) {
            throw new Unknowable("many numbers");
        }
        shell.say(Optional.of(
                LongStream.rangeClosed(first, last).mapToObj(n -> n + "\n").collect(Collectors.joining())));
        return 0;
    }

    private static int bracketed(String open, List<Optional<String>> arguments, ScriptRun shell) {
        if (arguments.isEmpty() || !known(arguments.getLast()).equals(open.equals("[") ? "]" : "]]")) {
            return 2;
        }
        return ShellTest.holds(arguments.subList(0, arguments.size() - 1), shell.files()) ? 0 : 1;
    }

    private static int read(String program, List<Optional<String>> arguments, ScriptRun shell) {
        List<String> files = named(arguments);
        shell.say(Optional.empty());
        if (program.equals("cat") && (files.isEmpty() || files.contains("-"))) {
            return atEndOfInput(shell);
        }
        return files.stream().allMatch(shell.files()::has) ? 0 : 1;
    }

    private interface Doing {
        void to(String file);
    }

    private static int files(List<Optional<String>> arguments, Doing doing) {
        named(arguments).forEach(doing::to);
        return 0;
    }

    private static List<Optional<String>> last(List<Optional<String>> arguments) {
        return arguments.subList(Math.max(0, arguments.size() - 1), arguments.size());
    }

    /// Without options.
    private static List<String> named(List<Optional<String>> arguments) {
        var files = new ArrayList<String>();
        for (Optional<String> argument : arguments) {
            argument.filter(text -> text.equals("-") || !text.startsWith("-")).ifPresent(files::add);
        }
        return files;
    }
}
