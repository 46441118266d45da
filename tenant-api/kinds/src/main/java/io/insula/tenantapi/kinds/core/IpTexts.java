package io.insula.tenantapi.kinds.core;

import com.google.re2j.Pattern;
import java.net.InetAddress;
import java.net.UnknownHostException;

/// Whether a text is an IP address, without ever asking a name server.
final class IpTexts {

    private static final Pattern V4 = Pattern.compile("((25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)(\\.|$)){4}");
    private static final Pattern V6 = Pattern.compile("[0-9a-fA-F:]+(\\d+\\.\\d+\\.\\d+\\.\\d+)?");

    private IpTexts() {}

    static boolean isIp(String text) {
        return V4.matcher(text).matches() || isV6(text);
    }

    static boolean isV6(String text) {
        if (!text.contains(":") || !V6.matcher(text).matches()) {
            return false;
        }
        try {
            // a text with a colon is parsed as a literal or refused, never looked up
            return InetAddress.getByName("[" + text + "]") != null;
        } catch (UnknownHostException e) {
            return false;
        }
    }
}
