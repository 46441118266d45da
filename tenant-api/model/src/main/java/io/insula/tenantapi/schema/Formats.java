package io.insula.tenantapi.schema;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.Base64;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/// The formats of texts that upstream checks in custom resources; all others say nothing. Source:
/// k8s.io/kube-openapi, `validation/strfmt`.
final class Formats {

    private static final String HEX = "[0-9a-fA-F]";
    private static final String OCTET = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
    private static final Pattern IPV4 = Pattern.compile(OCTET + "(\\." + OCTET + "){3}");
    private static final Pattern IPV6_CHARACTERS =
            Pattern.compile("[0-9a-fA-F:]{2,39}(" + OCTET + "(\\." + OCTET + "){3})?");

    private static final Map<String, Predicate<String>> CHECKS = Map.ofEntries(
            Map.entry("date", Formats::isDate),
            Map.entry("datetime", Formats::isDateTime),
            Map.entry("date-time", Formats::isDateTime),
            Map.entry("byte", Formats::isBase64),
            Map.entry("ipv4", text -> IPV4.matcher(text).matches()),
            Map.entry("ipv6", Formats::isIpv6),
            Map.entry("cidr", Formats::isCidr),
            pattern("email", "[^@\\s<>]+@[^@\\s<>]+"),
            pattern(
                    "hostname",
                    "([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)(\\.[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*\\.?"),
            pattern("mac", HEX + "{2}([:-]" + HEX + "{2}){5}"),
            pattern("uri", "([a-zA-Z][a-zA-Z0-9+.-]*:\\S+|/\\S*)"),
            pattern("uuid", uuid(HEX, HEX)),
            pattern("uuid3", uuid("3", HEX)),
            pattern("uuid4", uuid("4", "[89abAB]")),
            pattern("uuid5", uuid("5", "[89abAB]")),
            pattern("bsonobjectid", HEX + "{24}"),
            pattern("hexcolor", "#?(" + HEX + "{3}|" + HEX + "{6})"),
            pattern("ssn", "\\d{3}[- ]?\\d{2}[- ]?\\d{4}"),
            pattern(
                    "duration",
                    "[+-]?(\\d+(\\.\\d+)?\\s*(ns|us|µs|ms|s|m|h|d|w|nano|micro|milli|second|minute|hour|day|week)[a-z]*\\s*)+|0"),
            pattern("k8s-short-name", "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"),
            pattern("k8s-long-name", "(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*"));

    private Formats() {}

    private static Map.Entry<String, Predicate<String>> pattern(String name, String regex) {
        return Map.entry(name, Pattern.compile(regex).asMatchPredicate());
    }

    private static String uuid(String version, String variant) {
        return HEX + "{8}-?" + HEX + "{4}-?" + version + HEX + "{3}-?" + variant + HEX + "{3}-?" + HEX + "{12}";
    }

    static boolean fits(String format, String text) {
        Predicate<String> check = CHECKS.get(format);
        return check == null || check.test(text);
    }

    private static boolean isDate(String text) {
        try {
            LocalDate.parse(text);
            return true;
        } catch (DateTimeException _) {
            return false;
        }
    }

    private static boolean isDateTime(String text) {
        try {
            OffsetDateTime.parse(text.replace('t', 'T').replace('z', 'Z').replace(' ', 'T'));
            return true;
        } catch (DateTimeException _) {
            return false;
        }
    }

    private static boolean isBase64(String text) {
        try {
            Base64.getDecoder().decode(text);
            return true;
        } catch (IllegalArgumentException _) {
            return false;
        }
    }

    private static boolean isIpv6(String text) {
        if (!IPV6_CHARACTERS.matcher(text).matches()) {
            return false;
        }
        int lastColon = text.lastIndexOf(':');
        boolean mapped = text.indexOf('.') > 0;
        String groups = mapped ? text.substring(0, lastColon) + ":0:0" : text;
        int gap = groups.indexOf("::");
        if (gap < 0) {
            return groupCount(groups) == 8;
        }
        int count = groupCount(groups.substring(0, gap)) + groupCount(groups.substring(gap + 2));
        return groups.indexOf("::", gap + 1) < 0 && count <= 7 && count >= 0;
    }

    /// Negative enough to fail where a group is empty or too long.
    private static int groupCount(String text) {
        if (text.isEmpty()) {
            return 0;
        }
        String[] groups = text.split(":", -1);
        for (String group : groups) {
            if (group.isEmpty() || group.length() > 4) {
                return -100;
            }
        }
        return groups.length;
    }

    private static boolean isCidr(String text) {
        int slash = text.indexOf('/');
        if (slash < 0 || !text.substring(slash + 1).matches("\\d{1,3}")) {
            return false;
        }
        String address = text.substring(0, slash);
        int bits = Integer.parseInt(text.substring(slash + 1));
        return (IPV4.matcher(address).matches() && bits <= 32) || (isIpv6(address) && bits <= 128);
    }
}
