package io.insula.tenantapi.kinds;

import io.insula.tenantapi.api.FieldError;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// Which addresses may stand behind a Service: none that means another machine on each machine. Pure.
/// Source: kubernetes, `pkg/apis/core/validation` (ValidateEndpointIP).
public final class EndpointAddresses {

    /// Shorter forms (`127.1`) are addresses to some parsers, and none to others.
    private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");

    private EndpointAddresses() {}

    /// What is wrong with an address, whose field is `path`.
    public static List<FieldError> findings(String path, String text) {
        var errors = new ArrayList<FieldError>();
        InetAddress address;
        try {
            if (!text.contains(":") && !IPV4.matcher(text).matches()) {
                throw new IllegalArgumentException(text);
            }
            address = InetAddress.ofLiteral(text);
        } catch (IllegalArgumentException e) {
            errors.add(FieldError.invalid(path, text, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"));
            return errors;
        }
        if (address.isAnyLocalAddress()) {
            errors.add(FieldError.invalid(path, text, "may not be unspecified (" + text + ")"));
        }
        if (address.isLoopbackAddress()) {
            errors.add(FieldError.invalid(path, text, "may not be in the loopback range (127.0.0.0/8, ::1/128)"));
        }
        if (address.isLinkLocalAddress()) {
            errors.add(
                    FieldError.invalid(path, text, "may not be in the link-local range (169.254.0.0/16, fe80::/10)"));
        }
        if (address.isMCLinkLocal()) {
            errors.add(FieldError.invalid(
                    path, text, "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)"));
        }
        return errors;
    }
}
