package io.insula.tenantapi.admission.extension;

import io.insula.tenantapi.cel.CelException;

/// Upstream's wording of what goes wrong with expressions. Source: kubernetes/apiserver,
/// `admission/plugin/cel/condition.go`.
final class Expressions {

    static final String OUT_OF_BUDGET =
            "validation failed due to running out of cost budget, no further validation rules will be run";

    private Expressions() {}

    static String failure(String source, CelException cause) {
        return "expression '" + source + "' resulted in error: " + cause.text();
    }
}
