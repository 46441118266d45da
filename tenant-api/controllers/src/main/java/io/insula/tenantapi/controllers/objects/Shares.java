package io.insula.tenantapi.controllers.objects;

import com.fasterxml.jackson.databind.JsonNode;

/// Resolves int-or-percent values. Source: kubernetes/apimachinery, `util/intstr`.
public final class Shares {

    private Shares() {}

    /// A number as it is, a percentage of `total`; 0 for anything else.
    public static int of(JsonNode value, int total, boolean roundUp) {
        if (value.isNumber()) {
            return value.asInt();
        }
        String text = value.asText("");
        try {
            if (!text.endsWith("%")) {
                return Integer.parseInt(text);
            }
            double share = Integer.parseInt(text.substring(0, text.length() - 1)) * (double) total / 100;
            return (int) (roundUp ? Math.ceil(share) : Math.floor(share));
        } catch (NumberFormatException e) {
            return 0;
        }
    }
}
