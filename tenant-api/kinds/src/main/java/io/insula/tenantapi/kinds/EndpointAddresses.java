package io.insula.tenantapi.kinds;

import io.insula.rules.network.IpAddress;
import io.insula.tenantapi.api.FieldError;
import java.util.ArrayList;
import java.util.List;

/// Which addresses may stand behind a Service: none that means another machine on each machine. Pure.
/// Source: kubernetes, `pkg/apis/core/validation` (ValidateEndpointIP).
public final class EndpointAddresses {

    private EndpointAddresses() {}

    /// What is wrong with an address, whose field is `path`.
    public static List<FieldError> findings(String path, String text) {
        var read = IpAddress.parse(text);
        if (read.isEmpty()) {
            return List.of(
                    FieldError.invalid(path, text, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"));
        }
        var errors = new ArrayList<FieldError>();
        var address = read.get().unmapped();
        if (address.isUnspecified()) {
            errors.add(FieldError.invalid(path, text, "may not be unspecified (" + text + ")"));
        }
        if (address.isLoopback()) {
            errors.add(FieldError.invalid(path, text, "may not be in the loopback range (127.0.0.0/8, ::1/128)"));
        }
        if (address.isLinkLocal()) {
            errors.add(
                    FieldError.invalid(path, text, "may not be in the link-local range (169.254.0.0/16, fe80::/10)"));
        }
        if (address.isLinkLocalMulticast()) {
            errors.add(FieldError.invalid(
                    path, text, "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)"));
        }
        return errors;
    }
}
