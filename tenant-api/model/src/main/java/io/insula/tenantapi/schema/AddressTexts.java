package io.insula.tenantapi.schema;

import com.google.re2j.Pattern;
import io.insula.rules.network.AddressBlock;
import io.insula.rules.network.IpAddress;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

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
        return address(text, sloppy).isPresent();
    }

    /// `address/bits`.
    static boolean isNetwork(String text) {
        int slash = text.indexOf('/');
        return slash >= 0
                && address(text.substring(0, slash), true)
                        .flatMap(address -> AddressBlock.prefix(withoutZeros(text.substring(slash + 1)))
                                .filter(bits -> bits <= address.width()))
                        .isPresent();
    }

    /// Of 6, 8 or 20 bytes, parted by colons, hyphens or dots.
    static boolean isMac(String text) {
        String colons = text.indexOf(':') < 0 ? text.replace('-', ':') : text;
        return text.length() <= LONGEST && (MAC.matches(colons) || MAC_DOTS.matches(text));
    }

    private static Optional<IpAddress> address(String text, boolean sloppy) {
        if (!sloppy || text.length() > LONGEST || text.indexOf('.') < 0) {
            return IpAddress.parse(text);
        }
        int dotted = text.lastIndexOf(':') + 1;
        return IpAddress.parse(text.substring(0, dotted)
                + Arrays.stream(text.substring(dotted).split("\\.", -1))
                        .map(AddressTexts::withoutZeros)
                        .collect(Collectors.joining(".")));
    }

    private static String withoutZeros(String number) {
        int first = 0;
        while (first < number.length() - 1 && number.charAt(first) == '0') {
            first++;
        }
        return number.substring(first);
    }
}
