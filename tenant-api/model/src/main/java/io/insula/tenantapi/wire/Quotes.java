package io.insula.tenantapi.wire;

import com.fasterxml.jackson.dataformat.yaml.util.StringQuotingChecker;
import com.google.re2j.Pattern;

/// Which texts need quotes in YAML: all but plain words, so that no parser, of YAML 1.1 or 1.2, takes one for a number
/// (`0x1f`, `1_000`, `12:30`), a date or a boolean. Immutable.
final class Quotes extends StringQuotingChecker {

    private static final long serialVersionUID = 1L;

    private static final Pattern PLAIN = Pattern.compile("[A-Za-z/][A-Za-z0-9/._-]*(:[A-Za-z0-9/._-]+)*");

    @Override
    public boolean needToQuoteName(String name) {
        return needToQuoteValue(name);
    }

    @Override
    public boolean needToQuoteValue(String value) {
        return isReservedKeyword(value) || !PLAIN.matches(value);
    }
}
