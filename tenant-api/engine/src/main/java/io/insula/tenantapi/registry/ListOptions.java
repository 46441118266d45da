package io.insula.tenantapi.registry;

import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.api.GroupVersionKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// ListOptions of a list or watch. Strings are empty where the client says nothing.
///
/// @param limit 0 for all
/// @param resourceVersionMatch `Exact`, `NotOlderThan` or empty
/// @param sendInitialEvents empty where not said
/// @param timeoutSeconds 0 where not said
public record ListOptions(
        String labelSelector,
        String fieldSelector,
        int limit,
        String continueToken,
        String resourceVersion,
        String resourceVersionMatch,
        Optional<Boolean> sendInitialEvents,
        boolean allowWatchBookmarks,
        int timeoutSeconds) {

    public static final ListOptions ALL = selecting("", "");

    static final GroupVersionKind KIND = new GroupVersionKind("meta.k8s.io", "v1", "ListOptions");
    private static final String EXACT = "Exact";
    private static final String NOT_OLDER = "NotOlderThan";

    public static ListOptions selecting(String labelSelector, String fieldSelector) {
        return new ListOptions(labelSelector, fieldSelector, 0, "", "", "", Optional.empty(), false, 0);
    }

    public ListOptions at(String version) {
        return new ListOptions(
                labelSelector,
                fieldSelector,
                limit,
                continueToken,
                version,
                resourceVersionMatch,
                sendInitialEvents,
                allowWatchBookmarks,
                timeoutSeconds);
    }

    boolean isExact() {
        return resourceVersionMatch.equals(EXACT);
    }

    /// The asked resourceVersion; 0 where there is none.
    ///
    /// @throws ApiException 400 when it is not a number
    long revision() {
        if (resourceVersion.isEmpty()) {
            return 0;
        }
        try {
            long revision = Long.parseLong(resourceVersion);
            if (revision >= 0) {
                return revision;
            }
        } catch (NumberFormatException e) {
            // answered below
        }
        throw ApiException.invalid(
                KIND,
                "",
                List.of(FieldError.invalid(
                        "resourceVersion",
                        resourceVersion,
                        "strconv.ParseUint: parsing \"" + resourceVersion + "\": invalid syntax")));
    }

    /// Checks the combinations. Source: kubernetes/apimachinery, `ValidateListOptions`.
    ///
    /// @throws ApiException 422
    void validateList() {
        var errors = new ArrayList<FieldError>();
        if (sendInitialEvents.isPresent()) {
            errors.add(FieldError.forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list"));
        }
        if (!resourceVersionMatch.isEmpty()) {
            if (resourceVersion.isEmpty()) {
                errors.add(FieldError.forbidden(
                        "resourceVersionMatch",
                        "resourceVersionMatch is forbidden unless resourceVersion is provided"));
            }
            if (!continueToken.isEmpty()) {
                errors.add(FieldError.forbidden(
                        "resourceVersionMatch", "resourceVersionMatch is forbidden when continue is provided"));
            }
            if (!List.of(EXACT, NOT_OLDER).contains(resourceVersionMatch)) {
                errors.add(FieldError.notSupported(
                        "resourceVersionMatch", resourceVersionMatch, List.of(EXACT, NOT_OLDER, "")));
            }
            if (isExact() && resourceVersion.equals("0")) {
                errors.add(FieldError.forbidden(
                        "resourceVersionMatch",
                        "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\""));
            }
        }
        refuse(errors);
    }

    /// @throws ApiException 422
    void validateWatch() {
        var errors = new ArrayList<FieldError>();
        if (sendInitialEvents.isPresent()) {
            if (!resourceVersionMatch.equals(NOT_OLDER)) {
                errors.add(FieldError.forbidden(
                        "resourceVersionMatch",
                        "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"));
            }
        } else if (!resourceVersionMatch.isEmpty()) {
            errors.add(FieldError.forbidden(
                    "resourceVersionMatch",
                    "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"));
        }
        if (limit < 0) {
            errors.add(FieldError.invalid("limit", limit, "must be greater than or equal to 0"));
        }
        if (!continueToken.isEmpty()) {
            errors.add(FieldError.forbidden("continue", "continue is forbidden for watch"));
        }
        refuse(errors);
    }

    private static void refuse(List<FieldError> errors) {
        if (!errors.isEmpty()) {
            throw ApiException.invalid(KIND, "", errors);
        }
    }
}
