package io.insula.tenantapi.cel.library;

import static dev.cel.common.types.SimpleType.INT;
import static dev.cel.common.types.SimpleType.STRING;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.cel.common.types.ListType;
import java.util.ArrayList;
import java.util.List;

/// `find` and `findAll`. Source: kubernetes/apiserver, `pkg/cel/library/regex.go`.
final class RegexLibrary {

    private RegexLibrary() {}

    static CelFunctions functions() {
        ListType texts = ListType.create(STRING);
        return new CelFunctions()
                .member("find", "string_find_string", STRING, a -> find((String) a[0], (String) a[1]), STRING, STRING)
                .member(
                        "findAll",
                        "string_find_all_string",
                        texts,
                        a -> findAll((String) a[0], (String) a[1], -1),
                        STRING,
                        STRING)
                .member(
                        "findAll",
                        "string_find_all_string_int",
                        texts,
                        a -> findAll((String) a[0], (String) a[1], (Long) a[2]),
                        STRING,
                        STRING,
                        INT);
    }

    private static String find(String text, String regex) {
        Matcher matcher = compile(regex).matcher(text);
        return matcher.find() ? matcher.group() : "";
    }

    private static List<String> findAll(String text, String regex, long limit) {
        var found = new ArrayList<String>();
        Matcher matcher = compile(regex).matcher(text);
        while ((limit < 0 || found.size() < limit) && matcher.find()) {
            found.add(matcher.group());
        }
        return found;
    }

    private static Pattern compile(String regex) {
        try {
            return Pattern.compile(regex);
        } catch (PatternSyntaxException e) {
            throw new FunctionFailure("Illegal regex: " + e.getMessage());
        }
    }
}
