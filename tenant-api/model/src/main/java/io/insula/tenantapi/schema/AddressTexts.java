package io.insula.tenantapi.schema;

import com.google.re2j.Pattern;

/// Addresses of networks and machines as texts. Source: Go's `net` (ParseIP, ParseMAC); k8s.io/utils `net`, which
/// takes leading zeros as Go once did.
final class AddressTexts {

    private static final String HEX = "[0-9a-fA-F]";
    private static final Pattern MAC =
            Pattern.compile("%1$s{2}(:%1$s{2}){5}|%1$s{2}(:%1$s{2}){7}|%1$s{2}(:%1$s{2}){19}".formatted(HEX));
    private static final Pattern MAC_DOTS =
            Pattern.compile("%1$s{4}(\\.%1$s{4}){2}|%1$s{4}(\\.%1$s{4}){3}|%1$s{4}(\\.%1$s{4}){9}".formatted(HEX));
    private static final int LONGEST = 64;

    private AddressTexts() {}

    /// @param sloppy whether the numbers of IPv4 may start with zeros
    static boolean isAddress(String text, boolean sloppy) {
        return text.length() <= LONGEST && (text.contains(":") ? isV6(text, sloppy) : isV4(text, sloppy));
    }

    /// `address/bits`.
    static boolean isNetwork(String text) {
        int slash = text.indexOf('/');
        if (slash < 0 || text.length() > LONGEST) {
            return false;
        }
        String address = text.substring(0, slash);
        int bits = number(text.substring(slash + 1), true);
        return bits >= 0 && bits <= (address.contains(":") ? 128 : 32) && isAddress(address, true);
    }

    /// Of 6, 8 or 20 bytes, parted by colons, hyphens or dots.
    static boolean isMac(String text) {
        String colons = text.indexOf(':') < 0 ? text.replace('-', ':') : text;
        return text.length() <= LONGEST && (MAC.matches(colons) || MAC_DOTS.matches(text));
    }

    private static boolean isV4(String text, boolean sloppy) {
        String[] parts = text.split("\\.", -1);
        if (parts.length != 4) {
            return false;
        }
        for (String part : parts) {
            int number = number(part, sloppy);
            if (number < 0 || number > 255) {
                return false;
            }
        }
        return true;
    }

    /// -1 for what is no number up to 999.
    private static int number(String text, boolean leadingZeros) {
        boolean digits = !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
        if (!digits || (!leadingZeros && text.length() > 1 && text.charAt(0) == '0')) {
            return -1;
        }
        int first = 0;
        while (first < text.length() - 1 && text.charAt(first) == '0') {
            first++;
        }
        return text.length() - first > 3 ? -1 : Integer.parseInt(text.substring(first));
    }

    private static boolean isV6(String text, boolean sloppy) {
        int gap = text.indexOf("::");
        if (gap < 0) {
            return groups(text, true, sloppy) == 8;
        }
        int before = groups(text.substring(0, gap), false, sloppy);
        int after = groups(text.substring(gap + 2), true, sloppy);
        return before >= 0 && after >= 0 && before + after <= 7;
    }

    /// How many groups of 16 bits a text without gap has; -1 where it is malformed.
    ///
    /// @param last whether the last group may be an IPv4 address, which counts as two
    private static int groups(String text, boolean last, boolean sloppy) {
        if (text.isEmpty()) {
            return 0;
        }
        String[] groups = text.split(":", -1);
        int count = groups.length;
        for (int i = 0; i < groups.length; i++) {
            String group = groups[i];
            if (last && i == groups.length - 1 && group.contains(".")) {
                return isV4(group, sloppy) ? count + 1 : -1;
            }
            boolean hex =
                    !group.isEmpty() && group.length() <= 4 && group.chars().allMatch(AddressTexts::isHex);
            if (!hex) {
                return -1;
            }
        }
        return count;
    }

    private static boolean isHex(int c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    }
}
