package io.insula.tenantapi.schema;

import com.google.re2j.Pattern;

/// Mail addresses, with a name before them or without. Source: RFC 5322, as Go's `net/mail` reads it.
final class MailTexts {

    private static final String ATOM = "[a-zA-Z0-9!#$%&'*+/=?^_`{|}~\\x{80}-\\x{10FFFF}-]+";
    private static final String DOTS = ATOM + "(\\." + ATOM + ")*";
    private static final String QUOTED = "\"([^\"\\\\\\x00-\\x1f]|\\\\[^\\x00-\\x1f])*\"";
    private static final String SPEC = "(" + DOTS + "|" + QUOTED + ")@(" + DOTS + "|\\[[^\\[\\]\\s]*\\])";
    private static final Pattern ADDRESS =
            Pattern.compile("[ \\t]*(" + SPEC + "|(((" + ATOM + "|\\.|" + QUOTED + ")[ \\t]*)*)<" + SPEC + ">)[ \\t]*");

    private MailTexts() {}

    static boolean isAddress(String text) {
        return ADDRESS.matches(text);
    }
}
