package io.insula.tenantapi.cel.library;

import static dev.cel.common.types.SimpleType.STRING;
import static io.insula.tenantapi.cel.library.CelObjects.FORMAT;

import dev.cel.common.types.ListType;
import dev.cel.common.types.OptionalType;
import java.util.List;
import java.util.Optional;

/// Named formats. Source: kubernetes/apiserver, `pkg/cel/library/format.go`.
final class FormatLibrary {

    private FormatLibrary() {}

    static CelFunctions functions() {
        var functions = new CelFunctions();
        NamedFormat.ALL.forEach(
                (name, format) -> functions.global("format." + name, "format_" + name, FORMAT, a -> format));
        return functions
                .member(
                        "validate",
                        "format-validate",
                        OptionalType.create(ListType.create(STRING)),
                        a -> validate((NamedFormat) a[0], (String) a[1]),
                        FORMAT,
                        STRING)
                .global(
                        "format.named",
                        "format-named",
                        OptionalType.create(FORMAT),
                        a -> NamedFormat.find((String) a[0]),
                        STRING);
    }

    private static Optional<List<String>> validate(NamedFormat format, String text) {
        List<String> errors = format.check().apply(text);
        return errors.isEmpty() ? Optional.empty() : Optional.of(errors);
    }
}
