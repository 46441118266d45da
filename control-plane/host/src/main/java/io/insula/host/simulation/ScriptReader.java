package io.insula.host.simulation;

import io.insula.host.simulation.Script.Assignment;
import io.insula.host.simulation.Script.Part;
import io.insula.host.simulation.Script.Word;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/// Reads scripts of the shell. Functions, `case`, background jobs and here-documents it does not know.
final class ScriptReader {

    private static final int DEEPEST = 30;
    private static final int LONGEST = 64 << 10;
    private static final Pattern ASSIGNMENT = Pattern.compile("[A-Za-z_]\\w*=.*", Pattern.DOTALL);
    private static final Set<String> UNKNOWN = Set.of("case", "function", "select");

    private final String text;
    private int at;
    private int depth;

    private ScriptReader(String text) {
        this.text = text;
    }

    /// @throws Unknowable what cannot be read
    static Script read(String text) {
        if (text.length() > LONGEST) {
            throw new Unknowable("a long script");
        }
        var reader = new ScriptReader(text);
        Script script = reader.list(Set.of());
        if (reader.at < text.length()) {
            throw new Unknowable("a script with an error");
        }
        return script;
    }

    /// Up to one of these words, or a bracket that was not opened here.
    private Script list(Set<String> ends) {
        if (++depth > DEEPEST) {
            throw new Unknowable("a deep script");
        }
        var parts = new ArrayList<Script>();
        skip(" \t\n;");
        while (at < text.length() && text.charAt(at) != ')' && !ends.contains(keyword())) {
            parts.add(chain());
            if (at < text.length() && text.charAt(at) == '&') {
                throw new Unknowable("a background job");
            }
            skip(" \t\n;");
        }
        depth--;
        return new Script.Sequence(parts);
    }

    private Script chain() {
        Script all = pipe();
        while (text.startsWith("&&", at) || text.startsWith("||", at)) {
            boolean onSuccess = text.charAt(at) == '&';
            at += 2;
            skip(" \t\n");
            all = new Script.Chain(all, onSuccess, pipe());
        }
        return all;
    }

    private Script pipe() {
        boolean inverted = keyword().equals("!");
        at += inverted ? 1 : 0;
        Script all = command();
        while (at < text.length() && text.charAt(at) == '|' && !text.startsWith("||", at)) {
            at++;
            skip(" \t\n");
            all = new Script.Pipe(all, command());
        }
        return inverted ? new Script.Inverted(all) : all;
    }

    private Script command() {
        skip(" \t");
        String word = keyword();
        if (UNKNOWN.contains(word)) {
            throw new Unknowable(word);
        }
        Script compound = switch (word) {
            case "if" -> after(word, this::condition);
            case "for" -> after(word, this::loop);
            case "while", "until" -> after(word, () -> whileLoop(word.equals("until")));
            case "{" -> after(word, () -> closed(list(Set.of("}")), "}"));
            default -> null;
        };
        if (compound == null && at < text.length() && text.charAt(at) == '(') {
            at++;
            compound = new Script.Inner(closed(list(Set.of()), ")"));
        }
        if (compound == null) {
            return simple();
        }
        Script.Simple redirections = simple();
        if (!redirections.words().isEmpty() || !redirections.assignments().isEmpty()) {
            throw new Unknowable("a script with an error");
        }
        return compound;
    }

    private interface Reading {
        Script read();
    }

    private Script after(String word, Reading rest) {
        at += word.length();
        return rest.read();
    }

    private Script closed(Script script, String end) {
        expect(end);
        return script;
    }

    private Script condition() {
        Script condition = list(Set.of("then"));
        expect("then");
        Script then = list(Set.of("elif", "else", "fi"));
        return switch (keyword()) {
            case "elif" -> new Script.If(condition, then, after("elif", this::condition));
            case "else" -> new Script.If(condition, then, after("else", () -> closed(list(Set.of("fi")), "fi")));
            default -> new Script.If(condition, then, closed(new Script.Sequence(List.of()), "fi"));
        };
    }

    private Script loop() {
        skip(" \t");
        String variable = name();
        skip(" \t\n");
        expect("in");
        var values = new ArrayList<Word>();
        skip(" \t");
        while (at < text.length() && "\n;".indexOf(text.charAt(at)) < 0) {
            values.add(word(false));
            skip(" \t");
        }
        return new Script.For(variable, values, body());
    }

    private Script whileLoop(boolean until) {
        return new Script.Loop(list(Set.of("do")), until, body());
    }

    private Script body() {
        skip(" \t\n;");
        expect("do");
        return closed(list(Set.of("done")), "done");
    }

    private Script.Simple simple() {
        var assignments = new ArrayList<Assignment>();
        var words = new ArrayList<Word>();
        var written = new ArrayList<Word>();
        skip(" \t");
        while (at < text.length() && (inTest(words) || "\n;|)".indexOf(text.charAt(at)) < 0)) {
            if (inTest(words)) {
                words.add(word(true));
                skip(" \t");
                continue;
            }
            int digits = at;
            while (digits < text.length() && Character.isDigit(text.charAt(digits))) {
                digits++;
            }
            char c = text.charAt(at);
            if (digits < text.length() && "<>".indexOf(text.charAt(digits)) >= 0) {
                at = digits;
                redirect(written);
            } else if (c == '&' && text.startsWith("&>", at)) {
                at++;
                redirect(written);
            } else if (c == '&') {
                break;
            } else if (c == '(') {
                throw new Unknowable("a function");
            } else {
                Word word = word(false);
                if (words.isEmpty() && isAssignment(word)) {
                    assignments.add(assignment(word));
                } else {
                    words.add(word);
                }
            }
            skip(" \t");
        }
        return new Script.Simple(assignments, words, written);
    }

    /// Of `[[ … ]]`, where operators are words.
    private static boolean inTest(List<Word> words) {
        return !words.isEmpty()
                && words.getFirst().equals(plain("[["))
                && !words.getLast().equals(plain("]]"));
    }

    private void redirect(List<Word> written) {
        boolean writes = text.charAt(at++) == '>';
        if (text.startsWith("<", at)) {
            throw new Unknowable("a here-document");
        }
        at += text.startsWith(">", at) || text.startsWith("|", at) ? 1 : 0;
        boolean descriptor = text.startsWith("&", at);
        at += descriptor ? 1 : 0;
        skip(" \t");
        Word target = word(false);
        if (writes && !descriptor) {
            written.add(target);
        }
    }

    private static boolean isAssignment(Word word) {
        return !word.parts().isEmpty()
                && word.parts().getFirst() instanceof Part.Text(var first)
                && ASSIGNMENT.matcher(first).matches();
    }

    private static Assignment assignment(Word word) {
        String first = ((Part.Text) word.parts().getFirst()).text();
        int sign = first.indexOf('=');
        var value = new ArrayList<Part>(word.parts());
        value.set(0, new Part.Text(first.substring(sign + 1)));
        return new Assignment(first.substring(0, sign), new Word(value));
    }

    private static Word plain(String text) {
        return new Word(List.of(new Part.Text(text)));
    }

    private Word word(boolean inTest) {
        var parts = new ArrayList<Part>();
        var plain = new StringBuilder();
        int begin = at;
        String ends = inTest ? " \t\n;" : " \t\n;&|()<>";
        while (at < text.length() && ends.indexOf(text.charAt(at)) < 0) {
            char c = text.charAt(at++);
            switch (c) {
                case '\'' -> {
                    int end = text.indexOf('\'', at);
                    plain.append(text, at, end < 0 ? text.length() : end);
                    at = end < 0 ? text.length() : end + 1;
                }
                case '"' -> quoted(parts, plain);
                case '\\' -> escaped(plain, false);
                case '$', '`' -> expansion(c, parts, plain, false);
                default -> plain.append(c);
            }
        }
        if (at == begin) {
            throw new Unknowable("a script with an error");
        }
        flush(parts, plain);
        return new Word(parts.isEmpty() ? List.of(new Part.Text("")) : parts);
    }

    private void quoted(List<Part> parts, StringBuilder plain) {
        // even an empty one makes a word
        parts.add(new Part.Text(plain.toString()));
        plain.setLength(0);
        while (at < text.length() && text.charAt(at) != '"') {
            char c = text.charAt(at++);
            switch (c) {
                case '\\' -> escaped(plain, true);
                case '$', '`' -> expansion(c, parts, plain, true);
                default -> plain.append(c);
            }
        }
        at++;
    }

    private void escaped(StringBuilder plain, boolean quoted) {
        if (at < text.length()) {
            char c = text.charAt(at++);
            if (quoted && "$`\"\\\n".indexOf(c) < 0) {
                plain.append('\\');
            }
            plain.append(c == '\n' ? "" : String.valueOf(c));
        }
    }

    private void expansion(char c, List<Part> parts, StringBuilder plain, boolean quoted) {
        if (c == '$' && (at == text.length() || " \t\n;\"'/.,:%=".indexOf(text.charAt(at)) >= 0)) {
            plain.append(c);
            return;
        }
        flush(parts, plain);
        if (c == '`') {
            int end = text.indexOf('`', at);
            String inner = text.substring(at, end < 0 ? text.length() : end);
            at = end < 0 ? text.length() : end + 1;
            parts.add(new Part.Output(read(inner), quoted));
        } else if (text.startsWith("((", at)) {
            parts.add(sum());
        } else if (text.startsWith("(", at)) {
            at++;
            parts.add(new Part.Output(closed(list(Set.of()), ")"), quoted));
        } else if (text.startsWith("{", at)) {
            int end = text.indexOf('}', at);
            String inside = text.substring(at + 1, end < 0 ? text.length() : end);
            at = end < 0 ? text.length() : end + 1;
            parts.add(inside.matches("[A-Za-z_]\\w*") ? new Part.Variable(inside, quoted) : new Part.Riddle());
        } else {
            boolean named = Character.isLetter(text.charAt(at)) || text.charAt(at) == '_';
            parts.add(new Part.Variable(named ? name() : String.valueOf(text.charAt(at++)), quoted));
        }
    }

    private Part sum() {
        int end = text.indexOf("))", at);
        if (end < 0) {
            throw new Unknowable("a script with an error");
        }
        String inside = text.substring(at + 2, end);
        at = end + 2;
        return new Part.Sum(inside);
    }

    private static void flush(List<Part> parts, StringBuilder plain) {
        if (!plain.isEmpty()) {
            parts.add(new Part.Text(plain.toString()));
            plain.setLength(0);
        }
    }

    private String name() {
        int begin = at;
        while (at < text.length() && (Character.isLetterOrDigit(text.charAt(at)) || text.charAt(at) == '_')) {
            at++;
        }
        if (at == begin) {
            throw new Unknowable("a script with an error");
        }
        return text.substring(begin, at);
    }

    /// The word that begins here, where nothing of it is quoted or expanded; nothing is read.
    private String keyword() {
        int end = at;
        while (end < text.length() && (Character.isLetter(text.charAt(end)) || "{}!".indexOf(text.charAt(end)) >= 0)) {
            end++;
        }
        return end == text.length() || " \t\n;&|()<>".indexOf(text.charAt(end)) >= 0 ? text.substring(at, end) : "";
    }

    private void expect(String word) {
        skip(" \t\n");
        if (!text.startsWith(word, at)) {
            throw new Unknowable("a script with an error");
        }
        at += word.length();
    }

    /// And comments, and ends of lines that are none.
    private void skip(String these) {
        while (at < text.length()) {
            char c = text.charAt(at);
            boolean begins = at == 0 || " \t\n;".indexOf(text.charAt(at - 1)) >= 0;
            if (c == '#' && begins) {
                int end = text.indexOf('\n', at);
                at = end < 0 ? text.length() : end;
            } else if (text.startsWith("\\\n", at)) {
                at += 2;
            } else if (these.indexOf(c) >= 0) {
                at++;
            } else {
                return;
            }
        }
    }
}
