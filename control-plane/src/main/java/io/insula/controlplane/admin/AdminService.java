package io.insula.controlplane.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.insula.controlplane.audit.AuditReader;
import io.insula.controlplane.pki.ClusterPki;
import io.insula.controlplane.tenant.IsolationProfileResource;
import io.insula.controlplane.tenant.Tenancy;
import io.insula.controlplane.tenant.Tenant;
import io.insula.controlplane.tenant.TenantController;
import io.insula.controlplane.tenant.TenantSpec;
import io.insula.tenantapi.api.Json;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/// What superusers can do. All truth is on the host; this writes it and reads it. Thread-safe.
public final class AdminService {

    /// What a certificate and a kubeconfig can hold without being read as something else. Source for the
    /// length: RFC 5280, `ub-common-name`.
    private static final Pattern USER =
            Pattern.compile("[\\p{L}\\p{N}._:@/+-]([\\p{L}\\p{N} ._:@/+-]{0,62}[\\p{L}\\p{N}._:@/+-])?");

    private static final Duration YEAR = Duration.ofDays(365);

    private final KubernetesClient host;
    private final TenantController tenants;
    private final AuditReader audit;
    private final Function<String, String> hostKubeconfig;
    private final Supplier<ObjectNode> components;

    /// @param hostKubeconfig answers a kubeconfig of the host for a user
    /// @param components answers the state of what runs: one field each
    public AdminService(
            KubernetesClient host,
            TenantController tenants,
            AuditReader audit,
            Function<String, String> hostKubeconfig,
            Supplier<ObjectNode> components) {
        this.host = host;
        this.tenants = tenants;
        this.audit = audit;
        this.hostKubeconfig = hostKubeconfig;
        this.components = components;
    }

    ObjectNode status() {
        ObjectNode status = Json.object();
        status.set("components", components.get());
        List<Tenant> all = host.resources(Tenant.class).list().getItems();
        long ready = all.stream()
                .filter(t -> tenants.isReady(t.getMetadata().getName()))
                .count();
        status.putObject("tenants").put("total", all.size()).put("ready", ready);
        return status;
    }

    ObjectNode listTenants() {
        ObjectNode list = Json.object();
        var items = list.putArray("items");
        host.resources(Tenant.class).list().getItems().forEach(t -> items.add(Json.MAPPER.<ObjectNode>valueToTree(t)));
        return list;
    }

    ObjectNode getTenant(String name) {
        return Json.MAPPER.valueToTree(require(name));
    }

    ObjectNode createTenant(String name, String profile) {
        Tenancy.checkName(name).ifPresent(wrong -> {
            throw AdminException.invalid(wrong);
        });
        if (host.resources(IsolationProfileResource.class).withName(profile).get() == null) {
            List<String> known = host.resources(IsolationProfileResource.class).list().getItems().stream()
                    .map(p -> p.getMetadata().getName())
                    .sorted()
                    .toList();
            throw AdminException.invalid(
                    "profile: \"" + profile + "\" (expected: one of " + String.join(", ", known) + ")");
        }
        var tenant = new Tenant();
        tenant.getMetadata().setName(name);
        tenant.setSpec(new TenantSpec(profile));
        try {
            return Json.MAPPER.valueToTree(host.resource(tenant).create());
        } catch (KubernetesClientException e) {
            if (e.getCode() == 409) {
                throw AdminException.alreadyExists("tenant \"" + name + "\" already exists");
            }
            throw e;
        }
    }

    ObjectNode deleteTenant(String name) {
        Tenant tenant = require(name);
        host.resource(tenant).delete();
        return Json.MAPPER.valueToTree(tenant);
    }

    String tenantKubeconfig(String name, String user, List<String> groups) {
        require(name);
        requireUser(user);
        groups.forEach(AdminService::requireUser);
        try {
            return tenants.kubeconfig(name, user, groups.isEmpty() ? List.of(ClusterPki.MASTERS) : groups, YEAR);
        } catch (IllegalStateException e) {
            throw AdminException.notReady(String.valueOf(e.getMessage()));
        }
    }

    String hostKubeconfig(String user) {
        requireUser(user);
        return hostKubeconfig.apply(user);
    }

    ObjectNode listProfiles() {
        ObjectNode list = Json.object();
        var items = list.putArray("items");
        host.resources(IsolationProfileResource.class)
                .list()
                .getItems()
                .forEach(p -> items.add(Json.MAPPER.<ObjectNode>valueToTree(p)));
        return list;
    }

    /// @param last where positive, begins at the newest so many instead of at the cursor
    /// @param since RFC 3339; empty for any time
    ObjectNode readAudit(AuditReader.Wanted wanted, String cursor, int last, String since, Duration patience) {
        try {
            Instant begin = since.isEmpty() ? Instant.EPOCH : Instant.parse(since);
            AuditReader.Page page;
            if (last > 0) {
                page = audit.readLast(wanted, last, begin);
            } else {
                page = since.isEmpty() || !cursor.isEmpty()
                        ? audit.read(wanted, cursor, patience)
                        : audit.readSince(wanted, begin);
            }
            ObjectNode answer = Json.object();
            var items = answer.putArray("items");
            page.json().forEach(event -> items.add(parsed(event)));
            return answer.put("cursor", page.cursor()).put("complete", page.complete());
        } catch (DateTimeParseException e) {
            throw AdminException.invalid("since: \"" + since + "\" (expected: a time such as 2026-01-31T12:00:00Z)");
        } catch (IllegalArgumentException e) {
            throw AdminException.invalid(String.valueOf(e.getMessage()));
        } catch (org.apache.kafka.common.KafkaException e) {
            throw AdminException.notReady("Kafka does not answer: " + e.getMessage());
        }
    }

    private static void requireUser(String name) {
        if (!USER.matcher(name).matches()) {
            throw AdminException.invalid("user or group: \"" + name
                    + "\" (expected: 1 to 64 letters, digits, blanks within and . _ : @ / + -)");
        }
    }

    /// One damaged record must not hide all others.
    private static JsonNode parsed(byte[] event) {
        try {
            return Json.MAPPER.readTree(event);
        } catch (IOException e) {
            return Json.object().put("kind", "Event").put("verb", "unreadable");
        }
    }

    private Tenant require(String name) {
        return Optional.ofNullable(host.resources(Tenant.class).withName(name).get())
                .orElseThrow(() -> AdminException.notFound(
                        "tenant \"" + name + "\" not found; `insula tenant list` shows those there are"));
    }
}
