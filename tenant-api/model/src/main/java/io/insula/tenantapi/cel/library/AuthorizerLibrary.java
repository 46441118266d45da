package io.insula.tenantapi.cel.library;

import static dev.cel.common.types.SimpleType.BOOL;
import static dev.cel.common.types.SimpleType.STRING;
import static io.insula.tenantapi.cel.library.CelObjects.AUTHORIZER;
import static io.insula.tenantapi.cel.library.CelObjects.DECISION;
import static io.insula.tenantapi.cel.library.CelObjects.GROUP_CHECK;
import static io.insula.tenantapi.cel.library.CelObjects.PATH_CHECK;
import static io.insula.tenantapi.cel.library.CelObjects.RESOURCE_CHECK;

import io.insula.tenantapi.cel.library.Authorization.Decision;
import io.insula.tenantapi.cel.library.Authorization.GroupCheck;
import io.insula.tenantapi.cel.library.Authorization.PathCheck;
import io.insula.tenantapi.cel.library.Authorization.ResourceCheck;
import io.insula.tenantapi.cel.library.Authorization.Subject;
import java.util.HashMap;
import java.util.Map;

/// Authorization checks. Source: kubernetes/apiserver, `pkg/cel/library/authz.go`.
final class AuthorizerLibrary {

    private AuthorizerLibrary() {}

    static CelFunctions functions() {
        return new CelFunctions()
                .member("path", "authorizer_path", PATH_CHECK, a -> path(a), AUTHORIZER, STRING)
                .member(
                        "group",
                        "authorizer_group",
                        GROUP_CHECK,
                        a -> new GroupCheck((Authorization) a[0], (String) a[1]),
                        AUTHORIZER,
                        STRING)
                .member(
                        "serviceAccount",
                        "authorizer_serviceaccount",
                        AUTHORIZER,
                        AuthorizerLibrary::serviceAccount,
                        AUTHORIZER,
                        STRING,
                        STRING)
                .member("resource", "groupcheck_resource", RESOURCE_CHECK, a -> resource(a), GROUP_CHECK, STRING)
                .member(
                        "subresource",
                        "resourcecheck_subresource",
                        RESOURCE_CHECK,
                        a -> with(a, "subresource"),
                        RESOURCE_CHECK,
                        STRING)
                .member(
                        "namespace",
                        "resourcecheck_namespace",
                        RESOURCE_CHECK,
                        a -> with(a, "namespace"),
                        RESOURCE_CHECK,
                        STRING)
                .member("name", "resourcecheck_name", RESOURCE_CHECK, a -> with(a, "name"), RESOURCE_CHECK, STRING)
                .member(
                        "fieldSelector",
                        "authorizer_fieldselector",
                        RESOURCE_CHECK,
                        a -> with(a, "fieldSelector"),
                        RESOURCE_CHECK,
                        STRING)
                .member(
                        "labelSelector",
                        "authorizer_labelselector",
                        RESOURCE_CHECK,
                        a -> with(a, "labelSelector"),
                        RESOURCE_CHECK,
                        STRING)
                .member(
                        "check",
                        "pathcheck_check",
                        DECISION,
                        a -> ((PathCheck) a[0]).check((String) a[1]),
                        PATH_CHECK,
                        STRING)
                .member(
                        "check",
                        "resourcecheck_check",
                        DECISION,
                        a -> ((ResourceCheck) a[0]).check((String) a[1]),
                        RESOURCE_CHECK,
                        STRING)
                .member(
                        "errored",
                        "decision_errored",
                        BOOL,
                        a -> !decision(a).error().isEmpty(),
                        DECISION)
                .member("error", "decision_error", STRING, a -> decision(a).error(), DECISION)
                .member("allowed", "decision_allowed", BOOL, a -> decision(a).allowed(), DECISION)
                .member("reason", "decision_reason", STRING, a -> decision(a).reason(), DECISION);
    }

    private static PathCheck path(Object[] arguments) {
        String path = (String) arguments[1];
        if (path.isBlank()) {
            throw new FunctionFailure("path must not be empty");
        }
        return new PathCheck((Authorization) arguments[0], path);
    }

    private static Authorization serviceAccount(Object[] arguments) {
        String namespace = (String) arguments[1];
        String name = (String) arguments[2];
        if (!isValid("dns1123Subdomain", name)) {
            throw new FunctionFailure("Invalid service account name");
        }
        if (!isValid("dns1123Label", namespace)) {
            throw new FunctionFailure("Invalid service account namespace");
        }
        return new Authorization(new Subject.ServiceAccount(namespace, name), ((Authorization) arguments[0]).port());
    }

    private static boolean isValid(String format, String text) {
        return NamedFormat.find(format).orElseThrow().check().apply(text).isEmpty();
    }

    private static ResourceCheck resource(Object[] arguments) {
        String resource = (String) arguments[1];
        if (resource.isBlank()) {
            throw new FunctionFailure("resource must not be empty");
        }
        var check = (GroupCheck) arguments[0];
        return new ResourceCheck(check.of(), check.group(), resource, "", "", "", Map.of());
    }

    private static ResourceCheck with(Object[] arguments, String field) {
        var c = (ResourceCheck) arguments[0];
        String value = (String) arguments[1];
        var selectors = new HashMap<>(c.selectors());
        if (field.endsWith("Selector")) {
            selectors.put(field, value);
        }
        return new ResourceCheck(
                c.of(),
                c.group(),
                c.resource(),
                field.equals("subresource") ? value : c.subresource(),
                field.equals("namespace") ? value : c.namespace(),
                field.equals("name") ? value : c.name(),
                selectors);
    }

    private static Decision decision(Object[] arguments) {
        return (Decision) arguments[0];
    }
}
