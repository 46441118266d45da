package io.insula.controlplane.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.insula.controlplane.admin.HostTenants.Page;
import io.insula.controlplane.audit.AuditReader;
import io.insula.controlplane.audit.AuditReading;
import io.insula.controlplane.audit.AuditTrail;
import io.insula.controlplane.pki.Credentials.Credential;
import io.insula.controlplane.pki.IssuedKubeconfig;
import io.insula.controlplane.tenant.RunningTenants;
import io.insula.controlplane.tenant.Tenancy;
import io.insula.controlplane.tenant.TenantBackups;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.tenantapi.api.Json;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.kafka.common.KafkaException;

/// What superusers can do. All truth is on the host; this writes it and reads it. Thread-safe.
public final class AdminService {

    /// Which request made a tenant: the key that the caller gave, and what it wanted.
    private static final String KEY_LABEL = "insula.io/idempotency-key";

    private static final String REQUEST_ANNOTATION = "insula.io/idempotency-request";
    private static final String OWN_LABELS = InsulaLabels.PREFIX;

    private final HostTenants host;
    private final RunningTenants tenants;
    private final AuditReading audit;
    private final HostAccess hostAccess;
    private final Supplier<ObjectNode> components;
    private final Explainer explainer;
    private final ChangePreview changes;

    /// Says what another state of an isolation profile would mean for the pods that run.
    @FunctionalInterface
    public interface ChangePreview {

        /// @throws IllegalArgumentException for a spec that is none
        /// @throws IllegalStateException where the profiles cannot be read
        ObjectNode preview(String profile, JsonNode spec);
    }

    /// Says what would become of a pod.
    @FunctionalInterface
    public interface Explainer {

        /// @throws IllegalArgumentException for what is no pod
        /// @throws IllegalStateException where the tenant's profiles cannot be read
        ObjectNode explain(String tenant, JsonNode pod);
    }

    /// @param components answers the state of what runs: one field each
    public AdminService(
            KubernetesClient host,
            RunningTenants tenants,
            AuditReading audit,
            HostAccess hostAccess,
            Supplier<ObjectNode> components,
            Explainer explainer,
            ChangePreview changes) {
        this.changes = changes;
        this.host = new HostTenants(host);
        this.tenants = tenants;
        this.audit = audit;
        this.hostAccess = hostAccess;
        this.components = components;
        this.explainer = explainer;
    }

    /// What would become of a pod of a tenant's, and why.
    ///
    /// @throws AdminException 404 where there is no such tenant, 422 for what is no pod, 503 where the profiles
    ///     cannot be read
    ObjectNode explain(String name, JsonNode pod) {
        var _ = getTenant(name);
        try {
            return explainer.explain(name, pod);
        } catch (IllegalArgumentException e) {
            throw AdminException.invalid(String.valueOf(e.getMessage()));
        } catch (IllegalStateException e) {
            throw AdminException.notReady(String.valueOf(e.getMessage()));
        }
    }

    /// What a change of an isolation profile would mean.
    ///
    /// @throws AdminException 422 for a spec or a name that is none, 503 where the profiles cannot be read
    ObjectNode previewProfile(String name, JsonNode spec) {
        requireProfileName(name);
        try {
            return changes.preview(name, spec);
        } catch (IllegalArgumentException e) {
            throw AdminException.invalid(String.valueOf(e.getMessage()));
        } catch (IllegalStateException e) {
            throw AdminException.notReady(String.valueOf(e.getMessage()));
        }
    }

    /// Writes the spec of an isolation profile, or makes the profile.
    ///
    /// @param from the version that it must have, as a preview told it; empty for any, and for one that is new
    /// @param rollOut whether pods of earlier versions are to be made anew
    /// @throws AdminException as [#previewProfile], and 412 where it has another version
    ObjectNode applyProfile(String name, JsonNode spec, Optional<String> from, boolean rollOut) {
        String now = previewProfile(name, spec).path("from").asText("");
        if (from.isPresent() && !from.get().equals(now)) {
            throw AdminException.changedMeanwhile("the profile is of version \"" + now + "\" (expected: \"" + from.get()
                    + "\", as it was when the change was looked at)");
        }
        return host.applyProfile(name, spec, rollOut);
    }

    /// Source: Kubernetes documentation, "Object Names and IDs".
    private static void requireProfileName(String name) {
        if (!name.matches("[a-z0-9]([-a-z0-9.]{0,200}[a-z0-9])?")) {
            throw AdminException.invalid("name: \"" + name + "\" (expected: lower-case letters, digits, - and .)");
        }
    }

    ObjectNode status() {
        ObjectNode status = Json.object();
        status.set("components", components.get());
        JsonNode all = host.list(Page.ALL).path("items");
        int ready = 0;
        int asleep = 0;
        for (JsonNode tenant : all) {
            ready += tenants.isReady(nameOf(tenant)) ? 1 : 0;
            asleep += tenants.isAsleep(nameOf(tenant)) ? 1 : 0;
        }
        status.putObject("tenants").put("total", all.size()).put("ready", ready).put("asleep", asleep);
        return status;
    }

    ObjectNode listTenants(Page page) {
        return host.list(page);
    }

    /// @throws AdminException 404, also for what cannot be a tenant's name
    ObjectNode getTenant(String name) {
        return find(name)
                .orElseThrow(() -> AdminException.notFound(
                        "tenant \"" + name + "\" not found; `insula tenant list` shows those there are"));
    }

    /// Makes a tenant, or answers the one that the same request made before.
    ///
    /// @param key what the caller calls this request by; empty for nothing
    ObjectNode createTenant(NewTenant wanted, String user, String key) {
        Stream.concat(Stream.of(wanted.profile()), wanted.allowedProfiles().stream())
                .forEach(this::requireProfile);
        wanted.labels().keySet().forEach(AdminService::requireForeignLabel);
        String keyHash = key.isEmpty() ? "" : Fingerprints.of(user, key);
        if (!keyHash.isEmpty()) {
            for (JsonNode made :
                    host.list(new Page(0, "", KEY_LABEL + "=" + keyHash)).path("items")) {
                return replayed(made, wanted);
            }
        }
        return host.create(resource(wanted, keyHash)).orElseGet(() -> taken(wanted, keyHash));
    }

    /// @param ifMatch resourceVersions of which it must have one; empty for any
    ObjectNode updateTenant(String name, TenantChange change, List<String> ifMatch) {
        String version = requireMatch(getTenant(name), ifMatch);
        change.profiles().forEach(this::requireProfile);
        change.labels().keySet().forEach(AdminService::requireForeignLabel);
        ObjectNode patch = change.patch();
        if (!version.isEmpty()) {
            patch.withObject("/metadata").put("resourceVersion", version);
        }
        return host.patch(name, patch);
    }

    /// @param ifMatch resourceVersions of which it must have one; empty for any
    ObjectNode deleteTenant(String name, List<String> ifMatch) {
        ObjectNode tenant = getTenant(name);
        host.delete(name, requireMatch(tenant, ifMatch));
        return tenant;
    }

    /// From now on nothing of it runs, until a request at its endpoint or [#wakeTenant] wakes it.
    ObjectNode sleepTenant(String name) {
        return annotate(name, Tenancy.ASLEEP, TextNode.valueOf("asked for"));
    }

    ObjectNode wakeTenant(String name) {
        return annotate(name, Tenancy.ASLEEP, NullNode.instance);
    }

    /// Nobody but the system writes to it from now on, or everybody who may does again.
    ObjectNode suspendTenant(String name, boolean on) {
        ObjectNode patch = Json.object();
        patch.withObject("/spec").put("suspend", on);
        return host.patch(name, patch);
    }

    /// Who of those with tokens has a say about it from now on.
    ObjectNode setAccess(String name, ArrayNode rules) {
        ObjectNode patch = Json.object();
        patch.withObject("/spec").set(TenantAccess.FIELD, rules);
        return host.patch(name, patch);
    }

    /// A person's wish, or the end of one.
    ///
    /// @param value null removes it
    ObjectNode annotate(String name, String key, JsonNode value) {
        return host.patch(name, annotation(key, value));
    }

    /// @param value null removes it
    static ObjectNode annotation(String key, JsonNode value) {
        ObjectNode patch = Json.object();
        patch.withObject("/metadata").withObjectProperty("annotations").set(key, value);
        return patch;
    }

    /// @throws AdminException 503 while the tenant neither runs nor sleeps
    IssuedKubeconfig tenantKubeconfig(String name, CredentialRequest request) {
        var _ = getTenant(name);
        try {
            return tenants.kubeconfig(name, request.user(), request.groups(), request.validity());
        } catch (IllegalStateException e) {
            throw AdminException.notReady(String.valueOf(e.getMessage()));
        }
    }

    /// What was given out of its kubeconfigs and has not ended.
    List<Credential> issued(String name) {
        return tenants.issued(name);
    }

    /// Kubeconfigs that are worth nothing once the change of the tenant's authority ends.
    List<Credential> outdated(String name) {
        return tenants.outdated(name);
    }

    Credential revoke(String name, String serial) {
        return tenants.revoke(name, serial);
    }

    /// What becomes of backups.
    RestoreRequests restores() {
        return new RestoreRequests(host, tenants.backups());
    }

    /// A person's word: what is held back may be deleted.
    ObjectNode releaseDeletes(String name) {
        return annotate(name, Tenancy.RELEASE_DELETES, TextNode.valueOf("asked for"));
    }

    TenantBackups backups() {
        return tenants.backups();
    }

    /// Empty where there is no such tenant now.
    Optional<ObjectNode> find(String name) {
        return Optional.of(name).filter(n -> Tenancy.checkName(n).isEmpty()).flatMap(host::find);
    }

    HostAccess hostAccess() {
        return hostAccess;
    }

    ObjectNode listProfiles(Page page) {
        return host.profiles(page);
    }

    /// Where a read of the trail begins.
    ///
    /// @param position from an earlier answer; empty for the oldest kept
    /// @param last where positive, at the newest so many instead of at the position
    /// @param since events that reached Kafka earlier are left out, where there is no position
    record AuditFrom(String position, int last, Instant since) {

        AuditReader.Page read(AuditReading audit, AuditReader.Wanted wanted, Duration patience) {
            if (last > 0) {
                return audit.readLast(wanted, last, since);
            }
            return since.equals(Instant.EPOCH) || !position.isEmpty()
                    ? audit.read(wanted, position, patience)
                    : audit.readSince(wanted, since);
        }
    }

    /// Events of one tenant or of all. The trail of a tenant that is gone can still be read.
    ///
    /// @throws AdminException 404 for a tenant that neither is nor has been
    AuditReader.Page readAudit(AuditReader.Wanted wanted, AuditFrom from, Duration patience) {
        String tenant = wanted.tenant();
        boolean known = tenant.isEmpty()
                || tenant.equals(AuditTrail.HOST)
                || (Tenancy.checkName(tenant).isEmpty() && host.find(tenant).isPresent());
        try {
            AuditReader.Page page = from.read(audit, wanted, known ? patience : Duration.ZERO);
            if (!known && from.position().isEmpty() && page.json().isEmpty()) {
                throw AdminException.notFound("tenant \"" + tenant + "\" not found, and the trail has nothing of it");
            }
            return page;
        } catch (IllegalArgumentException e) {
            throw AdminException.badRequest(String.valueOf(e.getMessage()));
        } catch (KafkaException e) {
            throw AdminException.notReady("Kafka does not answer: " + e.getMessage());
        }
    }

    /// One damaged record must not hide all others.
    static JsonNode parsed(byte[] event) {
        try {
            return Json.MAPPER.readTree(event);
        } catch (IOException e) {
            return Json.object().put("kind", "Event").put("verb", "unreadable");
        }
    }

    static String versionOf(JsonNode object) {
        return object.path("metadata").path("resourceVersion").asText();
    }

    private static String nameOf(JsonNode object) {
        return object.path("metadata").path("name").asText();
    }

    private void requireProfile(String profile) {
        if (profile.isEmpty() || host.profile(profile).isEmpty()) {
            var known = new ArrayList<String>();
            host.profiles(Page.ALL).path("items").forEach(p -> known.add(nameOf(p)));
            throw AdminException.invalid("profile: \"" + profile + "\" (expected: one of "
                    + String.join(", ", known.stream().sorted().toList()) + ")");
        }
    }

    private static void requireForeignLabel(String label) {
        if (label.startsWith(OWN_LABELS)) {
            throw AdminException.invalid(
                    "labels: \"" + label + "\" (expected: none that begins with \"" + OWN_LABELS + "\")");
        }
    }

    private static ObjectNode resource(NewTenant wanted, String keyHash) {
        ObjectNode tenant = Json.object()
                .put("apiVersion", Tenancy.GROUP + "/" + Tenancy.VERSION)
                .put("kind", "Tenant");
        ObjectNode metadata = tenant.putObject("metadata").put("name", wanted.name());
        wanted.labels().forEach(metadata.putObject("labels")::put);
        if (!keyHash.isEmpty()) {
            metadata.withObject("/labels").put(KEY_LABEL, keyHash);
            metadata.withObject("/annotations").put(REQUEST_ANNOTATION, wanted.fingerprint());
        }
        ObjectNode spec = tenant.putObject("spec").put("isolationProfile", wanted.profile());
        wanted.allowed().ifPresent(allowed -> allowed.forEach(spec.putArray("allowedProfiles")::add));
        return tenant;
    }

    private ObjectNode taken(NewTenant wanted, String keyHash) {
        Optional<ObjectNode> there = keyHash.isEmpty() ? Optional.empty() : host.find(wanted.name());
        // Two requests with one key at the same moment: both looked before either had made it.
        boolean same = there.filter(t -> keyHash.equals(
                        t.path("metadata").path("labels").path(KEY_LABEL).asText()))
                .isPresent();
        if (same) {
            return replayed(there.orElseThrow(), wanted);
        }
        throw AdminException.alreadyExists("tenant \"" + wanted.name() + "\" already exists");
    }

    private static ObjectNode replayed(JsonNode made, NewTenant wanted) {
        String request = made.path("metadata")
                .path("annotations")
                .path(REQUEST_ANNOTATION)
                .asText();
        if (!request.equals(wanted.fingerprint())) {
            throw AdminException.invalid("Idempotency-Key: has been used for another request, that for tenant \""
                    + nameOf(made) + "\" (expected: a new one)");
        }
        return made.deepCopy();
    }

    private static String requireMatch(JsonNode tenant, List<String> ifMatch) {
        if (ifMatch.isEmpty()) {
            return "";
        }
        String version = versionOf(tenant);
        if (!ifMatch.contains(version)) {
            throw AdminException.changedMeanwhile(
                    "tenant \"" + nameOf(tenant) + "\" has changed: its ETag is \"" + version + "\"");
        }
        return version;
    }
}
