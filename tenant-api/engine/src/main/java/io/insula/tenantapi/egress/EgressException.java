package io.insula.tenantapi.egress;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// A request that got no answer; the message says why as Go's client would, without the request itself.
public final class EgressException extends IOException {

    private static final long serialVersionUID = 1L;

    EgressException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    EgressException(String message) {
        super(message);
    }

    public String text() {
        return String.valueOf(getMessage());
    }
}
