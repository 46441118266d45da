package io.insula.tenantapi.pipeline;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.api.GroupVersionKind;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.registry.DeleteOptions;
import io.insula.tenantapi.registry.ListOptions;
import io.insula.tenantapi.registry.WriteOptions;
import io.insula.tenantapi.registry.WriteOptions.FieldValidation;
import java.util.ArrayList;
import java.util.List;

/// The options that come in a query string. Source: kubernetes/apimachinery, `meta/v1/validation`.
final class RequestOptions {

    private static final int MAX_MANAGER = 128;
    private static final List<String> VALIDATIONS = List.of("Ignore", "Warn", "Strict");

    private RequestOptions() {}

    static ListOptions list(Query query) {
        return new ListOptions(
                query.text("labelSelector"),
                query.text("fieldSelector"),
                Math.clamp(query.number("limit", 0), 0, Integer.MAX_VALUE),
                query.text("continue"),
                query.text("resourceVersion"),
                query.text("resourceVersionMatch"),
                query.flag("sendInitialEvents"),
                query.isTrue("allowWatchBookmarks"),
                Math.clamp(query.number("timeoutSeconds", 0), 0, Integer.MAX_VALUE));
    }

    /// @param kind CreateOptions, UpdateOptions or PatchOptions, for messages
    /// @param apply whether it is a server-side apply
    static WriteOptions write(Query query, String kind, boolean apply) {
        var errors = new ArrayList<FieldError>();
        for (String value : query.all("dryRun")) {
            if (!value.equals("All")) {
                errors.add(FieldError.notSupported("dryRun", value, List.of("All")));
            }
        }
        String manager = query.text("fieldManager");
        if (manager.length() > MAX_MANAGER) {
            errors.add(FieldError.tooLong("fieldManager", MAX_MANAGER));
        }
        String validation = query.text("fieldValidation");
        if (!validation.isEmpty() && !VALIDATIONS.contains(validation)) {
            errors.add(FieldError.notSupported("fieldValidation", validation, VALIDATIONS));
        }
        if (kind.equals("PatchOptions") && !apply && query.flag("force").isPresent()) {
            errors.add(FieldError.forbidden("force", "may not be specified for non-apply patch"));
        }
        if (!errors.isEmpty()) {
            throw ApiException.invalid(new GroupVersionKind("meta.k8s.io", "v1", kind), "", errors);
        }
        return new WriteOptions(
                manager, !query.all("dryRun").isEmpty(), fieldValidation(validation), query.isTrue("force"));
    }

    private static FieldValidation fieldValidation(String text) {
        return switch (text) {
            case "Strict" -> FieldValidation.STRICT;
            case "Ignore" -> FieldValidation.IGNORE;
            default -> FieldValidation.WARN;
        };
    }

    /// @param body a decoded `DeleteOptions`; empty where the request has none: then the query speaks
    static DeleteOptions delete(Query query, ObjectNode body) {
        if (!body.isEmpty()) {
            return DeleteOptions.of(body);
        }
        ObjectNode options = Json.object();
        if (!query.text("gracePeriodSeconds").isEmpty()) {
            options.put("gracePeriodSeconds", query.number("gracePeriodSeconds", 0));
        }
        if (!query.text("propagationPolicy").isEmpty()) {
            options.put("propagationPolicy", query.text("propagationPolicy"));
        }
        query.flag("orphanDependents").ifPresent(orphan -> options.put("orphanDependents", orphan));
        if (!query.all("dryRun").isEmpty()) {
            query.all("dryRun").forEach(options.putArray("dryRun")::add);
        }
        return DeleteOptions.of(options);
    }
}
