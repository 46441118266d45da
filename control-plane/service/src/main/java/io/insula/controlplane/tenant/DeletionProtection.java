package io.insula.controlplane.tenant;

import java.util.List;
import java.util.Map;

/// The admission policy of the host by which a `Tenant` with `spec.deletionProtection` is not deleted, whoever asks and
/// whichever way.
final class DeletionProtection {

    static final String POLICY = "insula-tenant-protection";

    private DeletionProtection() {}

    /// The `spec` of the policy.
    static Map<String, Object> spec() {
        return Map.of(
                "failurePolicy",
                "Fail",
                "matchConstraints",
                Map.of(
                        "matchPolicy",
                        "Equivalent",
                        "namespaceSelector",
                        Map.of(),
                        "objectSelector",
                        Map.of(),
                        "resourceRules",
                        List.of(Map.of(
                                "apiGroups",
                                List.of(Tenancy.GROUP),
                                "apiVersions",
                                List.of(Tenancy.VERSION),
                                "operations",
                                List.of("DELETE"),
                                "resources",
                                List.of("tenants"),
                                "scope",
                                "*"))),
                "validations",
                List.of(Map.of(
                        "expression",
                        "!oldObject.spec.?deletionProtection.orValue(false)",
                        "reason",
                        "Forbidden",
                        "message",
                        "the tenant is protected from deletion (spec.deletionProtection); `insula tenant protect NAME"
                                + " --off` lifts that")));
    }
}
