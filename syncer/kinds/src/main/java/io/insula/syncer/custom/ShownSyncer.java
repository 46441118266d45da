package io.insula.syncer.custom;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.insula.syncer.engine.Change;
import io.insula.syncer.engine.Change.ApplyToTenant;
import io.insula.syncer.engine.Change.DeleteFromTenant;
import io.insula.syncer.engine.Change.PatchTenant;
import io.insula.syncer.engine.HostWords;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.engine.NameMap;
import io.insula.syncer.engine.SyncEvent;
import io.insula.syncer.engine.SyncEvent.HostOnly;
import io.insula.syncer.engine.SyncEvent.Paired;
import io.insula.syncer.engine.SyncEvent.TenantOnly;
import io.insula.syncer.engine.SyncSpec;
import io.insula.syncer.engine.SyncSpec.Direction;
import io.insula.syncer.engine.Syncer;
import io.insula.syncer.engine.TenantEvents;
import io.insula.syncer.engine.TenantView;
import io.insula.syncer.engine.Trees;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Shows a tenant the host's objects of one custom kind by its rule: under the names that they have there, to look at
/// only. What differs from the host's is put right and told; one of the same name that the tenant made itself is left
/// alone. Immutable.
final class ShownSyncer implements Syncer<GenericKubernetesResource> {

    static final String SET_BACK = "SetBack";
    static final String NOT_SHOWN = "NotShown";

    private static final String METADATA = "metadata";
    private static final String STATUS = "status";
    private static final String NOT_LOOKED_AT = "/0";
    private static final List<String> NOT_COMPARED = List.of("apiVersion", "kind", METADATA, STATUS);

    private final CustomKind rule;
    private final boolean isLeaving;
    private final SyncSpec<GenericKubernetesResource> spec;

    /// @param isLeaving whether the rule is gone, and with it all that was shown by it
    ShownSyncer(CustomKind rule, boolean isLeaving) {
        this.rule = rule;
        this.isLeaving = isLeaving;
        this.spec = declared(rule, rule.hasStatus() && !isLeaving);
    }

    private static SyncSpec<GenericKubernetesResource> declared(CustomKind rule, boolean hasStatus) {
        var resource = SyncSpec.resource(rule.kind());
        var written = Set.of("create", "patch", "delete");
        return new SyncSpec<>(
                        rule.name(),
                        rule.kind(),
                        Direction.HOST_TO_TENANT,
                        true,
                        List.of(rule.kind()),
                        Map.of(resource, Set.of("get", "list", "watch")))
                .writing(
                        hasStatus
                                ? Map.of(resource, written, resource + "/" + STATUS, Set.of("patch"))
                                : Map.of(resource, written));
    }

    @Override
    public SyncSpec<GenericKubernetesResource> spec() {
        return spec;
    }

    @Override
    public boolean isLeaving() {
        return isLeaving;
    }

    @Override
    public String hostName(String namespace, String name, NameMap names) {
        return name;
    }

    @Override
    public List<Reference> tenantObjectsOf(HasMetadata host, TenantView view) {
        return rule.kind().kind().equals(host.getKind())
                        && rule.kind().apiVersion().equals(host.getApiVersion())
                ? List.of(new Reference(rule.name(), "", host.getMetadata().getName()))
                : List.of();
    }

    @Override
    public List<Change> decide(SyncEvent<GenericKubernetesResource> event, TenantView view) {
        return switch (event) {
            case HostOnly<GenericKubernetesResource>(var host) ->
                isShown(host) ? List.of(new ApplyToTenant(rule.kind(), shown(host, 0, view), "")) : List.of();
            case Paired<GenericKubernetesResource>(var tenant, var host) -> paired(tenant, host, view);
            case TenantOnly<GenericKubernetesResource>(var tenant) -> hide(tenant);
        };
    }

    private boolean isShown(HasMetadata host) {
        return !isLeaving && rule.shown().has(host);
    }

    private List<Change> paired(GenericKubernetesResource tenant, HasMetadata host, TenantView view) {
        if (!isShown(host)) {
            return hide(tenant);
        }
        if (!isOurs(tenant)) {
            return List.of(told(tenant, NOT_SHOWN, "the shared cluster's object of this name is hidden by this one"));
        }
        var changes = new ArrayList<Change>();
        changes.addAll(putRight(tenant, host, view));
        if (rule.hasStatus()) {
            changes.addAll(status(tenant, host, view));
        }
        return changes;
    }

    private List<Change> hide(GenericKubernetesResource tenant) {
        return isOurs(tenant)
                ? List.of(new DeleteFromTenant(rule.kind(), tenant, false, "the host does not share it"))
                : List.of();
    }

    /// A definition in the tenant may leave out or add fields, so that what is there never becomes the host's: what was
    /// written for this state of both sides already is not written again. The note tells which that was.
    private List<Change> putRight(GenericKubernetesResource tenant, HasMetadata host, TenantView view) {
        long generation = Objects.requireNonNullElse(tenant.getMetadata().getGeneration(), 0L);
        var wanted = shown(host, generation, view);
        var patch = Told.difference(compared(tenant), compared(wanted));
        var marks = marks(tenant, wanted);
        if (note(wanted).equals(note(tenant)) && marks.isEmpty()) {
            return List.of();
        }
        boolean wasChanged = !patch.isEmpty() && isOfSame(note(tenant), note(wanted));
        var fields = String.join(", ", fieldsOf(patch));
        var metadata = patch.putObject(METADATA);
        marks.properties().forEach(each -> metadata.set(each.getKey(), each.getValue()));
        metadata.withObjectProperty("annotations").put(InsulaLabels.SHOWN, note(wanted));
        var changes = new ArrayList<Change>();
        changes.add(new PatchTenant(rule.kind(), tenant, "", patch));
        if (wasChanged) {
            changes.add(told(
                    tenant,
                    SET_BACK,
                    "is the shared cluster's, and shown to be looked at only: what differed was set back (" + fields
                            + ")"));
        }
        return changes;
    }

    private static List<String> fieldsOf(JsonNode patch) {
        return patch.properties().stream().map(Map.Entry::getKey).sorted().toList();
    }

    /// Labels and annotations that are the host's to say.
    private ObjectNode marks(HasMetadata tenant, HasMetadata wanted) {
        var patch = Trees.object();
        var labels = orEmpty(tenant.getMetadata().getLabels());
        wanted.getMetadata().getLabels().forEach((key, value) -> {
            if (!value.equals(labels.get(key))) {
                patch.withObjectProperty("labels").put(key, value);
            }
        });
        var own = orEmpty(tenant.getMetadata().getAnnotations());
        var hosts = wanted.getMetadata().getAnnotations();
        for (var key : rule.shown().annotations()) {
            if (!Objects.equals(own.get(key), hosts.get(key))) {
                patch.withObjectProperty("annotations").put(key, hosts.get(key));
            }
        }
        return patch;
    }

    private List<Change> status(GenericKubernetesResource tenant, HasMetadata host, TenantView view) {
        var told = Trees.of(host).path(STATUS);
        if (!told.isObject()) {
            return List.of();
        }
        var patch = Told.difference(Trees.of(tenant).path(STATUS), (ObjectNode)
                Told.inWords(told, HostWords.about(host, rule.name(), view.names())));
        if (patch.isEmpty()) {
            return List.of();
        }
        var whole = Trees.object();
        whole.set(STATUS, patch);
        return List.of(new PatchTenant(rule.kind(), tenant, STATUS, whole));
    }

    /// @param generation of what the tenant has
    private GenericKubernetesResource shown(HasMetadata host, long generation, TenantView view) {
        var own = Trees.of(host);
        var tree = (ObjectNode) own.deepCopy();
        rule.shown().hidden().forEach(path -> path.in(own, tree).forEach(FieldPath.Found::remove));
        tree.remove(List.of(METADATA, STATUS));
        var told = (ObjectNode) Told.inWords(tree, HostWords.about(host, rule.name(), view.names()));
        told.put("apiVersion", rule.kind().apiVersion()).put("kind", rule.kind().kind());
        var notes = orEmpty(host.getMetadata().getAnnotations());
        var metadata = told.putObject(METADATA).put("name", host.getMetadata().getName());
        metadata.putObject("labels").put(InsulaLabels.MANAGED_BY, InsulaLabels.SYNCER);
        var annotations = metadata.putObject("annotations");
        rule.shown().annotations().stream()
                .filter(notes::containsKey)
                .forEach(key -> annotations.put(key, notes.get(key)));
        annotations.put(InsulaLabels.SHOWN, NameMap.hash("shown", told.toString()) + "/" + generation);
        return Trees.as(told, GenericKubernetesResource.class);
    }

    private static ObjectNode compared(HasMetadata object) {
        ObjectNode tree = (ObjectNode) Trees.of(object);
        tree.remove(NOT_COMPARED);
        return tree;
    }

    /// Whether the host's object is the same as when the first note was written, and the tenant's had been looked at.
    private static boolean isOfSame(String before, String now) {
        int slash = now.indexOf('/');
        return before.startsWith(now.substring(0, slash + 1)) && !before.endsWith(NOT_LOOKED_AT);
    }

    private static boolean isOurs(HasMetadata tenant) {
        return !note(tenant).isEmpty()
                || InsulaLabels.SYNCER.equals(
                        orEmpty(tenant.getMetadata().getLabels()).get(InsulaLabels.MANAGED_BY));
    }

    /// What the host's object was, and the tenant's generation when it was compared; empty where neither is noted.
    private static String note(HasMetadata object) {
        return orEmpty(object.getMetadata().getAnnotations()).getOrDefault(InsulaLabels.SHOWN, "");
    }

    private static Map<String, String> orEmpty(@Nullable Map<String, String> map) {
        return Objects.requireNonNullElse(map, Map.of());
    }

    private Change told(GenericKubernetesResource tenant, String reason, String message) {
        return TenantEvents.warning(
                tenant,
                reason,
                message,
                Objects.requireNonNullElse(tenant.getMetadata().getCreationTimestamp(), ""));
    }
}
