package io.insula.tenantapi.cel.library;

import static dev.cel.common.types.SimpleType.BOOL;
import static dev.cel.common.types.SimpleType.INT;
import static dev.cel.common.types.SimpleType.STRING;
import static io.insula.tenantapi.cel.library.CelObjects.SEMVER;

import java.util.Optional;

/// Semantic versions. Source: kubernetes/apiserver, `pkg/cel/library/semverlib.go`.
final class SemverLibrary {

    private SemverLibrary() {}

    static CelFunctions functions() {
        return new CelFunctions()
                .global("semver", "string_to_semver", SEMVER, a -> parse(a[0], false), STRING)
                .global("semver", "string_bool_to_semver", SEMVER, a -> parse(a[0], (Boolean) a[1]), STRING, BOOL)
                .global(
                        "isSemver",
                        "is_semver_string",
                        BOOL,
                        a -> find(a[0], false).isPresent(),
                        STRING)
                .global(
                        "isSemver",
                        "is_semver_string_bool",
                        BOOL,
                        a -> find(a[0], (Boolean) a[1]).isPresent(),
                        STRING,
                        BOOL)
                .member("isGreaterThan", "semver_is_greater_than", BOOL, a -> compare(a) > 0, SEMVER, SEMVER)
                .member("isLessThan", "semver_is_less_than", BOOL, a -> compare(a) < 0, SEMVER, SEMVER)
                .member("compareTo", "semver_compare_to", INT, SemverLibrary::compare, SEMVER, SEMVER)
                .member("major", "semver_major", INT, a -> ((Semver) a[0]).major(), SEMVER)
                .member("minor", "semver_minor", INT, a -> ((Semver) a[0]).minor(), SEMVER)
                .member("patch", "semver_patch", INT, a -> ((Semver) a[0]).patch(), SEMVER);
    }

    private static Optional<Semver> find(Object text, boolean normalize) {
        return Semver.parse((String) text, normalize);
    }

    private static Semver parse(Object text, boolean normalize) {
        return find(text, normalize)
                .orElseThrow(() -> new FunctionFailure(
                        text.toString().isEmpty() ? "Version string empty" : "No Major.Minor.Patch elements found"));
    }

    private static long compare(Object[] arguments) {
        return Integer.signum(((Semver) arguments[0]).compareTo((Semver) arguments[1]));
    }
}
