package io.insula.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/// Regular expressions of `java.util.regex` in what reads a tenant's texts: no text may cost more than a few looks at
/// each of its characters, nor the stack. What needs more takes RE2 instead.
@Execution(ExecutionMode.CONCURRENT)
final class PatternsTest {

    private static final int LENGTH = 30_000;
    private static final int LOOKS_PER_CHARACTER = 100;
    private static final List<String> PIECES = List.of(
            "a",
            "1",
            "0",
            ".",
            ":",
            "-",
            "_",
            "/",
            "a.",
            "1.",
            ".1",
            "a:",
            "a-",
            "a_",
            ".a",
            "::",
            "/a",
            "\\.",
            "\\'",
            "a\\.",
            "[0]",
            "[*]",
            ".a[0]",
            "['a']",
            "1h",
            "1ms",
            "%",
            " ",
            "a ",
            "=",
            "\"",
            "{",
            "}",
            "$",
            "A",
            "@",
            "#",
            "key ",
            "x\n",
            "é",
            "\uD83D\uDE00",
            "candidates: ",
            " (candidates: ",
            "missing ");
    private static final List<String> HEADS =
            List.of("", "a", ".", "['", "system:bootstrappers:", "evaluation error", "v1");

    @Test
    void noTextOverwhelmsAPattern() {
        var broken = new ArrayList<String>();
        for (Field field : patterns()) {
            Pattern pattern = valueOf(field);
            for (String head : HEADS) {
                for (String piece : PIECES) {
                    for (String tail : List.of("", "!", "a", "\n")) {
                        String text = head + piece.repeat(LENGTH / piece.length()) + tail;
                        tryOut(pattern, text)
                                .ifPresent(what ->
                                        broken.add(field.getDeclaringClass().getSimpleName() + "." + field.getName()
                                                + ": " + what + " at " + head + piece + "*" + tail));
                    }
                }
            }
        }
        assertThat(broken.stream()
                        .map(text -> text.substring(0, text.indexOf(':')))
                        .distinct())
                .as("%s", broken)
                .isEmpty();
    }

    private static List<Field> patterns() {
        var found = new ArrayList<Field>();
        for (JavaClass type : new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("io.insula.tenantapi")) {
            for (JavaField field : type.getFields()) {
                if (field.getRawType().isEquivalentTo(Pattern.class)) {
                    found.add(field.reflect());
                }
            }
        }
        assertThat(found).hasSizeGreaterThan(10);
        return found;
    }

    private static Pattern valueOf(Field field) {
        try {
            field.setAccessible(true);
            return (Pattern) field.get(null);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(field + " cannot be read", e);
        }
    }

    private static java.util.Optional<String> tryOut(Pattern pattern, String text) {
        try {
            pattern.matcher(new Counted(text)).matches();
            var finder = pattern.matcher(new Counted(text));
            for (int i = 0; i < 3 && finder.find(); i++) {
                // only what is looked at counts
            }
            return java.util.Optional.empty();
        } catch (StackOverflowError e) {
            return java.util.Optional.of("stack overflow");
        } catch (TooManyLooks e) {
            return java.util.Optional.of("more than linear time");
        }
    }

    private static final class TooManyLooks extends RuntimeException {}

    /// A text that counts how often it is looked at. Confined to one thread.
    private static final class Counted implements CharSequence {
        private final String text;
        private long looks;

        Counted(String text) {
            this.text = text;
        }

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public char charAt(int index) {
            if (++looks > (long) LOOKS_PER_CHARACTER * (text.length() + 100)) {
                throw new TooManyLooks();
            }
            return text.charAt(index);
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return text.substring(start, end);
        }

        @Override
        public String toString() {
            return text;
        }
    }
}
