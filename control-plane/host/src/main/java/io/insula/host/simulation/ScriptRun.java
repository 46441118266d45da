package io.insula.host.simulation;

import io.insula.host.simulation.Script.Part;
import io.insula.host.simulation.Script.Word;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What becomes of a script, as far as that can be told without running it. Text that nobody knows is an empty
/// Optional. Used by one thread.
final class ScriptRun {

    private static final int MOST_STEPS = 1000;
    private static final int LONGEST_TEXT = 4096;
    private static final int DEEPEST = 20;
    private static final Duration LONGEST = Duration.ofDays(3650);

    private final Map<String, Optional<String>> variables;
    private final ScratchFiles.Of files;
    private final boolean hasInput;
    private final int depth;
    private final int[] steps;
    private Duration spent = Duration.ZERO;
    private Output output = new Output();
    private int code;
    private int tested;
    private boolean stopsAtFailure;
    private boolean ended;

    /// What was written; unknown as a whole where a part is.
    private static final class Output {
        private final StringBuilder text = new StringBuilder();
        private boolean known = true;

        Optional<String> text() {
            return known ? Optional.of(text.toString().replaceAll("\n+$", "")) : Optional.empty();
        }
    }

    private ScriptRun(
            Map<String, Optional<String>> variables, ScratchFiles.Of files, boolean hasInput, int depth, int[] steps) {
        this.variables = new HashMap<>(variables);
        this.files = files;
        this.hasInput = hasInput;
        this.depth = depth;
        this.steps = steps;
        if (depth > DEEPEST) {
            throw new Unknowable("shells in shells");
        }
    }

    /// @param hasInput whether somebody may type; else reading ends at once
    static ScriptRun of(Map<String, Optional<String>> variables, ScratchFiles.Of files, boolean hasInput) {
        return new ScriptRun(variables, files, hasInput, 0, new int[1]);
    }

    int code() {
        return code;
    }

    /// How long it slept.
    Duration spent() {
        return spent;
    }

    ScratchFiles.Of files() {
        return files;
    }

    boolean hasInput() {
        return hasInput;
    }

    void sleep(Duration time) {
        Duration sum = spent.plus(time);
        spent = sum.compareTo(LONGEST) > 0 ? LONGEST : sum;
    }

    /// Stops at the first command that fails, as `-e` asks for.
    void stopAtFailure() {
        stopsAtFailure = true;
    }

    void end() {
        ended = true;
    }

    void set(String name, Optional<String> value) {
        variables.put(name, bounded(value));
    }

    void say(Optional<String> text) {
        bounded(text).ifPresentOrElse(output.text::append, () -> output.known = false);
        if (output.text.length() > LONGEST_TEXT) {
            throw new Unknowable("much text");
        }
    }

    /// A shell in this one, which has its own variables and end.
    int inner(Script script, boolean stops) {
        var inner = new ScriptRun(variables, files, hasInput, depth + 1, steps);
        inner.stopsAtFailure = stops;
        inner.output = output;
        inner.run(script);
        sleep(inner.spent);
        return inner.code;
    }

    /// @throws Unknowable where it cannot be told
    void run(Script script) {
        if (ended) {
            return;
        }
        switch (script) {
            case Script.Simple simple -> simple(simple);
            case Script.Sequence(var parts) -> parts.forEach(this::run);
            case Script.Chain(var first, var onSuccess, var second) -> {
                test(first);
                if ((code == 0) == onSuccess) {
                    run(second);
                }
            }
            case Script.Inverted(var inverted) -> {
                boolean holds = test(inverted);
                answer(holds ? 1 : 0);
            }
            case Script.Pipe(var from, var to) -> pipe(from, to);
            case Script.Inner(var inner) -> finish(inner(inner, stopsAtFailure));
            case Script.If(var condition, var then, var otherwise) -> {
                boolean holds = test(condition);
                answer(0);
                run(holds ? then : otherwise);
            }
            case Script.For loop -> repeat(loop);
            case Script.Loop(var condition, var until, var body) -> {
                while (test(condition) != until && !ended) {
                    step();
                    run(body);
                }
                answer(0);
            }
        }
    }

    /// What nothing that ran says; nothing where it has ended.
    private void answer(int said) {
        code = ended ? code : said;
    }

    private boolean test(Script condition) {
        tested++;
        run(condition);
        tested--;
        return code == 0;
    }

    private void pipe(Script from, Script to) {
        Output outer = output;
        output = new Output();
        test(from);
        output = outer;
        run(to);
    }

    private void repeat(Script.For loop) {
        for (Word word : loop.values()) {
            for (Optional<String> value : words(word)) {
                set(loop.variable(), Optional.of(known(value)));
                run(loop.body());
            }
        }
    }

    private void simple(Script.Simple simple) {
        step();
        var words = new ArrayList<Optional<String>>();
        simple.words().forEach(word -> words.addAll(words(word)));
        simple.assignments().forEach(one -> set(one.name(), text(one.value())));
        Output outer = output;
        output = simple.written().isEmpty() ? outer : new Output();
        finish(words.isEmpty() ? 0 : Commands.run(words, this));
        output = outer;
        simple.written().forEach(file -> text(file).ifPresent(files::make));
    }

    private void finish(int result) {
        code = result;
        ended |= stopsAtFailure && code != 0 && tested == 0;
    }

    private void step() {
        if (++steps[0] > MOST_STEPS) {
            throw new Unknowable("a long way");
        }
    }

    /// One text, whatever is in it.
    private Optional<String> text(Word word) {
        Optional<String> all = Optional.of("");
        for (Part part : word.parts()) {
            Optional<String> value = value(part);
            all = bounded(all.flatMap(before -> value.map(before::concat)));
        }
        return all;
    }

    /// What is not quoted comes apart at blanks.
    private List<Optional<String>> words(Word word) {
        boolean splits = word.parts().size() == 1
                && switch (word.parts().getFirst()) {
                    case Part.Variable(var _, var quoted) -> !quoted;
                    case Part.Output(var _, var quoted) -> !quoted;
                    case Part.Text _, Part.Sum _, Part.Riddle _ -> false;
                };
        Optional<String> all = text(word);
        if (!splits || all.isEmpty()) {
            return List.of(all);
        }
        return all.get().isBlank()
                ? List.of()
                : List.of(all.get().strip().split("\\s+")).stream()
                        .map(Optional::of)
                        .toList();
    }

    private Optional<String> value(Part part) {
        return switch (part) {
            case Part.Text(var text) -> Optional.of(text);
            case Part.Variable(var name, var _) -> variable(name);
            case Part.Output(var script, var _) -> output(script);
            case Part.Sum(var text) -> Optional.of(String.valueOf(Arithmetic.of(text, this::variable)));
            case Part.Riddle() -> Optional.empty();
        };
    }

    private Optional<String> variable(String name) {
        if (name.equals("?")) {
            return Optional.of(String.valueOf(code));
        }
        // a script has no arguments here
        return "$!-#0".contains(name) || name.equals("RANDOM")
                ? Optional.empty()
                : variables.getOrDefault(name, Optional.of(""));
    }

    private Optional<String> output(Script script) {
        Output outer = output;
        output = new Output();
        code = inner(script, false);
        Optional<String> text = output.text();
        output = outer;
        return text;
    }

    private static Optional<String> bounded(Optional<String> text) {
        if (text.isPresent() && text.get().length() > LONGEST_TEXT) {
            throw new Unknowable("much text");
        }
        return text;
    }

    /// @throws Unknowable where it is not
    static String known(Optional<String> text) {
        return text.orElseThrow(() -> new Unknowable("a text"));
    }
}
