package io.insula.tenantapi.schema;

import com.google.re2j.Pattern;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/// The formats of texts that upstream checks in custom resources; all others say nothing. A text may be megabytes of
/// anything, so that every check is linear in it and needs no stack. Source: k8s.io/kube-openapi, `validation/strfmt`.
final class Formats {

    private static final String HEX = "[0-9a-fA-F]";
    private static final String SIGN = "a-zA-Z0-9\\p{S}\\p{L}";
    private static final int HOSTNAME_BYTES = 255;
    private static final int LABEL_BYTES = 63;

    private static final Pattern HOSTNAME = Pattern.compile("[" + SIGN + "](-?[" + SIGN + "]{0,62})?|([" + SIGN + "](["
            + SIGN + "-]{0,61}[" + SIGN + "])?\\.)+[a-zA-Z\\p{L}]{2,63}");
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?");
    private static final Pattern DATE = Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}");
    private static final Pattern TIME =
            Pattern.compile("([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]+)?(z|[+-][0-9]{2}:[0-9]{2})");
    private static final String COLOR = "\\s*([0-9]|[1-9][0-9]|1[0-9][0-9]|2[0-4][0-9]|25[0-5])\\s*";
    private static final Pattern DURATION =
            Pattern.compile("[+-]?([0-9]+\\.?[0-9]*(ns|us|µs|μs|ms|s|m|h)|\\.[0-9]+(ns|us|µs|μs|ms|s|m|h))+|[+-]?0");
    private static final Pattern AMOUNT = Pattern.compile("([0-9]+)\\s*([A-Za-zµ]+)");
    private static final Set<String> UNITS = Set.of("ns", "us", "µs", "ms", "s", "m", "h", "hr", "d", "w", "wk");
    private static final Set<String> LONG_UNITS = Set.of("nano", "micro", "milli", "sec", "min", "hour", "day", "week");

    private static final Map<String, Predicate<String>> CHECKS = Map.ofEntries(
            Map.entry("date", Formats::isDate),
            Map.entry("datetime", Formats::isDateTime),
            Map.entry("date-time", Formats::isDateTime),
            Map.entry("byte", Formats::isBase64),
            Map.entry("ipv4", text -> text.contains(".") && AddressTexts.isAddress(text, true)),
            Map.entry("ipv6", text -> text.contains(":") && AddressTexts.isAddress(text, false)),
            Map.entry("cidr", AddressTexts::isNetwork),
            Map.entry("mac", AddressTexts::isMac),
            Map.entry("email", MailTexts::isAddress),
            Map.entry("hostname", Formats::isHostname),
            Map.entry("uri", UriTexts::isRequestUri),
            Map.entry("isbn", text -> Checksums.isIsbn10(text) || Checksums.isIsbn13(text)),
            Map.entry("isbn10", Checksums::isIsbn10),
            Map.entry("isbn13", Checksums::isIsbn13),
            Map.entry("creditcard", Checksums::isCreditCard),
            Map.entry("duration", Formats::isDuration),
            Map.entry("k8s-short-name", text -> text.length() <= 63 && NAME.matches(text)),
            Map.entry("k8s-long-name", Formats::isLongName),
            pattern("uuid", uuid(HEX, HEX)),
            pattern("uuid3", uuid("3", HEX)),
            pattern("uuid4", uuid("4", "[89abAB]")),
            pattern("uuid5", uuid("5", "[89abAB]")),
            pattern("bsonobjectid", HEX + "{24}"),
            pattern("hexcolor", "#?(" + HEX + "{3}|" + HEX + "{6})"),
            pattern("rgbcolor", "rgb\\(" + COLOR + "," + COLOR + "," + COLOR + "\\)"),
            pattern("ssn", "[0-9]{3}[- ][0-9]{2}[- ][0-9]{4}"));

    private Formats() {}

    private static Map.Entry<String, Predicate<String>> pattern(String name, String regex) {
        return Map.entry(name, Pattern.compile(regex)::matches);
    }

    private static String uuid(String version, String variant) {
        return HEX + "{8}-?" + HEX + "{4}-?" + version + HEX + "{3}-?" + variant + HEX + "{3}-?" + HEX + "{12}";
    }

    static Set<String> names() {
        return CHECKS.keySet();
    }

    static boolean fits(String format, String text) {
        Predicate<String> check = CHECKS.get(format);
        return check == null || check.test(text);
    }

    private static boolean isDate(String text) {
        try {
            return DATE.matches(text) && LocalDate.parse(text).getYear() >= 0;
        } catch (DateTimeException _) {
            return false;
        }
    }

    private static boolean isDateTime(String text) {
        int separator = text.toLowerCase(Locale.ROOT).indexOf('t');
        return separator == 10
                && isDate(text.substring(0, separator))
                && TIME.matches(text.substring(separator + 1).toLowerCase(Locale.ROOT));
    }

    /// The standard alphabet with its padding, and something in it.
    private static boolean isBase64(String text) {
        int length = text.length();
        if (length == 0 || length % 4 != 0) {
            return false;
        }
        int padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
        return text.chars().limit(length - padding).allMatch(Formats::isBase64);
    }

    private static boolean isBase64(int c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
    }

    private static boolean isHostname(String text) {
        if (text.length() > HOSTNAME_BYTES || text.getBytes(StandardCharsets.UTF_8).length > HOSTNAME_BYTES) {
            return false;
        }
        for (String label : text.split("\\.", -1)) {
            if (label.getBytes(StandardCharsets.UTF_8).length > LABEL_BYTES) {
                return false;
            }
        }
        return HOSTNAME.matches(text);
    }

    private static boolean isLongName(String text) {
        if (text.length() > 253) {
            return false;
        }
        for (String label : text.split("\\.", -1)) {
            if (!NAME.matches(label)) {
                return false;
            }
        }
        return true;
    }

    /// Go's form, or amounts with units in words between anything else.
    private static boolean isDuration(String text) {
        if (DURATION.matches(text)) {
            return true;
        }
        boolean found = false;
        var amounts = AMOUNT.matcher(text);
        while (amounts.find()) {
            String number = amounts.group(1);
            if (number.length() > 18) {
                return false;
            }
            String unit = amounts.group(2).toLowerCase(Locale.ROOT);
            found |= UNITS.contains(unit) || LONG_UNITS.stream().anyMatch(unit::startsWith);
        }
        return found;
    }
}
