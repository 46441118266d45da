package io.insula.tenantapi.cel.library;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.Base64;

/// Texts of OpenAPI formats. Source: k8s.io/kube-openapi, `validation/strfmt`.
final class StringChecks {

    private StringChecks() {}

    static boolean isBase64(String text) {
        try {
            Base64.getDecoder().decode(text);
            return true;
        } catch (IllegalArgumentException _) {
            return false;
        }
    }

    static boolean isDate(String text) {
        try {
            LocalDate.parse(text);
            return true;
        } catch (DateTimeException _) {
            return false;
        }
    }

    static boolean isDateTime(String text) {
        try {
            OffsetDateTime.parse(text.replace('t', 'T').replace('z', 'Z').replace(' ', 'T'));
            return true;
        } catch (DateTimeException _) {
            return false;
        }
    }
}
