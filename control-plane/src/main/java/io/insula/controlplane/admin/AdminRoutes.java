package io.insula.controlplane.admin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.controlplane.audit.AuditReader;
import io.insula.controlplane.tenant.TenantSpec;
import io.insula.tenantapi.api.Json;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Delete;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.PathVariable;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.annotation.QueryValue;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// The routes. Bodies are JSON trees as the host has them, so that nothing a newer release adds is lost on the way.
@Controller
@ExecuteOn(TaskExecutors.BLOCKING)
final class AdminRoutes {

    private static final int MAX_EVENTS = 1_000;
    private static final int MAX_LAST = 100_000;
    private static final int MAX_WAIT_SECONDS = 20;

    private final AdminService service;

    AdminRoutes(AdminService service) {
        this.service = service;
    }

    @Get("/openapi.json")
    String openApi() {
        try (InputStream stream = AdminRoutes.class.getResourceAsStream("/openapi.json")) {
            if (stream == null) {
                throw new IllegalStateException("not packaged: openapi.json");
            }
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Get("/v1/status")
    String status() {
        return service.status().toString();
    }

    @Get("/v1/tenants")
    String listTenants() {
        return service.listTenants().toString();
    }

    @Post("/v1/tenants")
    HttpResponse<String> createTenant(@Body String body) {
        JsonNode wanted = parse(body);
        String name = text(wanted, "name", "");
        String profile = text(wanted, "profile", TenantSpec.DEFAULT_PROFILE);
        return HttpResponse.created(service.createTenant(name, profile).toString())
                .contentType(MediaType.APPLICATION_JSON_TYPE);
    }

    @Get("/v1/tenants/{name}")
    String getTenant(@PathVariable String name) {
        return service.getTenant(name).toString();
    }

    @Delete("/v1/tenants/{name}")
    HttpResponse<String> deleteTenant(@PathVariable String name) {
        return HttpResponse.accepted()
                .body(service.deleteTenant(name).toString())
                .contentType(MediaType.APPLICATION_JSON_TYPE);
    }

    @Post("/v1/tenants/{name}/kubeconfig")
    String tenantKubeconfig(@PathVariable String name, @Body String body) {
        JsonNode wanted = parse(body);
        List<String> groups = new ArrayList<>();
        wanted.path("groups").forEach(g -> groups.add(g.asText()));
        return kubeconfig(service.tenantKubeconfig(name, text(wanted, "user", "admin"), groups));
    }

    @Post("/v1/host/kubeconfig")
    String hostKubeconfig(@Body String body) {
        return kubeconfig(service.hostKubeconfig(text(parse(body), "user", "admin")));
    }

    @Get("/v1/profiles")
    String listProfiles() {
        return service.listProfiles().toString();
    }

    @Get("/v1/audit")
    String readAudit(
            @QueryValue(defaultValue = "") String tenant,
            @QueryValue(defaultValue = "") String cursor,
            @QueryValue(defaultValue = "500") int limit,
            @QueryValue(defaultValue = "0") int last,
            @QueryValue(defaultValue = "") String since,
            @QueryValue(defaultValue = "0") int waitSeconds) {
        if (limit < 1 || limit > MAX_EVENTS) {
            throw AdminException.invalid("limit: " + limit + " (expected: 1.." + MAX_EVENTS + ")");
        }
        if (last < 0 || last > MAX_LAST) {
            throw AdminException.invalid("last: " + last + " (expected: 0.." + MAX_LAST + ")");
        }
        if (waitSeconds < 0 || waitSeconds > MAX_WAIT_SECONDS) {
            throw AdminException.invalid("waitSeconds: " + waitSeconds + " (expected: 0.." + MAX_WAIT_SECONDS + ")");
        }
        var wanted = new AuditReader.Wanted(tenant, limit);
        return service.readAudit(wanted, cursor, last, since, Duration.ofSeconds(waitSeconds))
                .toString();
    }

    private static String kubeconfig(String yaml) {
        ObjectNode answer = Json.object().put("kubeconfig", yaml);
        return answer.toString();
    }

    private static JsonNode parse(String body) {
        try {
            JsonNode tree = Json.MAPPER.readTree(body);
            if (!tree.isObject()) {
                throw AdminException.invalid("body: " + body.length() + " characters (expected: a JSON object)");
            }
            return tree;
        } catch (JsonProcessingException e) {
            throw AdminException.invalid("body: not JSON: " + e.getOriginalMessage());
        }
    }

    private static String text(JsonNode tree, String field, String fallback) {
        JsonNode value = tree.path(field);
        if (value.isMissingNode() || value.isNull()) {
            return fallback;
        }
        if (!value.isTextual()) {
            throw AdminException.invalid(field + ": " + value + " (expected: a string)");
        }
        return value.asText();
    }
}
