package io.insula.tenantapi.webhook;

/// A call that brought no usable answer; the message is upstream's wording of why.
public final class WebhookFailure extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public WebhookFailure(String message) {
        super(message, null, false, false);
    }

    public String text() {
        return String.valueOf(getMessage());
    }
}
