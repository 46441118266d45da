package io.insula.host.simulation;

import java.util.List;

/// What a script of the shell says. Immutable.
/// Source: POSIX, "Shell Command Language".
sealed interface Script {

    /// @param written the files that its output goes to
    record Simple(List<Assignment> assignments, List<Word> words, List<Word> written) implements Script {
        public Simple {
            assignments = List.copyOf(assignments);
            words = List.copyOf(words);
            written = List.copyOf(written);
        }
    }

    record Sequence(List<Script> parts) implements Script {
        public Sequence {
            parts = List.copyOf(parts);
        }
    }

    /// `a && b`, or `a || b`.
    record Chain(Script first, boolean onSuccess, Script second) implements Script {}

    record Inverted(Script script) implements Script {}

    record Pipe(Script from, Script to) implements Script {}

    /// In a shell of its own.
    record Inner(Script script) implements Script {}

    record If(Script condition, Script then, Script otherwise) implements Script {}

    record For(String variable, List<Word> values, Script body) implements Script {
        public For {
            values = List.copyOf(values);
        }
    }

    /// `while`, or `until`.
    record Loop(Script condition, boolean until, Script body) implements Script {}

    record Assignment(String name, Word value) {}

    record Word(List<Part> parts) {
        public Word {
            parts = List.copyOf(parts);
        }
    }

    /// A part of a word.
    sealed interface Part {

        record Text(String text) implements Part {}

        record Variable(String name, boolean quoted) implements Part {}

        /// `$(…)`
        record Output(Script script, boolean quoted) implements Part {}

        /// `$((…))`
        record Sum(String text) implements Part {}

        /// Something whose value nobody knows.
        record Riddle() implements Part {}
    }
}
