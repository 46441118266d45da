package io.insula.tenantapi.audit;

/// How much of a request is recorded; each level has what those before it have.
public enum AuditLevel {
    NONE("None"),
    METADATA("Metadata"),
    REQUEST("Request"),
    REQUEST_RESPONSE("RequestResponse");

    private final String text;

    AuditLevel(String text) {
        this.text = text;
    }

    /// As policies and events write it.
    public String text() {
        return text;
    }

    public boolean covers(AuditLevel other) {
        return compareTo(other) >= 0;
    }

    /// @throws IllegalArgumentException for a word that is no level
    static AuditLevel of(String text) {
        for (AuditLevel level : values()) {
            if (level.text.equals(text)) {
                return level;
            }
        }
        throw new IllegalArgumentException(
                "level: \"" + text + "\" (expected: None, Metadata, Request or RequestResponse)");
    }
}
