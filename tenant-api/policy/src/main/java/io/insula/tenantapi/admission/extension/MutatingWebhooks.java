package io.insula.tenantapi.admission.extension;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.admission.extension.MatchCriteria.Match;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.patch.JsonPatch;
import io.insula.tenantapi.patch.PatchException;
import io.insula.tenantapi.registry.AdmissionPlugin;
import io.insula.tenantapi.registry.KindSchema;
import io.insula.tenantapi.registry.ResourceKind;
import io.insula.tenantapi.registry.StoredKind;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Asks the mutating webhooks of one tenant, one after the other, and those that want it once more when a later one
/// has changed something. Thread-safe. Source: kubernetes/apiserver, `admission/plugin/webhook/mutating`.
final class MutatingWebhooks implements AdmissionPlugin.Mutating {

    private static final String ANNOTATION = "mutation.webhook.admission.k8s.io/round_";

    private final Declarations<List<Webhook>> configurations;
    private final WebhookCalls calls;
    private final KindSchema.Lookup schemas;

    MutatingWebhooks(Declarations<List<Webhook>> configurations, WebhookCalls calls, KindSchema.Lookup schemas) {
        this.configurations = configurations;
        this.calls = calls;
        this.schemas = schemas;
    }

    @Override
    public PluginSpec spec() {
        return new PluginSpec(
                "MutatingAdmissionWebhook",
                ExtensionAdmission.MUTATING_WEBHOOKS,
                Set.of(Operation.CREATE, Operation.UPDATE, Operation.DELETE, Operation.CONNECT));
    }

    @Override
    public void admit(Request request) {
        var _ = admitAndTell(request);
    }

    @Override
    public boolean admitAndTell(Request request) {
        if (MatchCriteria.isExempt(request)) {
            return false;
        }
        List<Webhook> hooks =
                configurations.all().stream().flatMap(List::stream).toList();
        if (hooks.isEmpty()) {
            return false;
        }
        Round first = round(hooks, request, 0);
        if (!first.outdated().isEmpty()) {
            var _ = round(hooks.stream().filter(first.outdated()::contains).toList(), request, 1);
        }
        return first.changed();
    }

    /// @param outdated those that want to be asked again, as something changed after them
    private record Round(boolean changed, Set<Webhook> outdated) {}

    private Round round(List<Webhook> hooks, Request request, int round) {
        var asked = new HashSet<Webhook>();
        var outdated = new HashSet<Webhook>();
        boolean changed = false;
        for (int i = 0; i < hooks.size(); i++) {
            Webhook hook = hooks.get(i);
            Optional<Match> match = calls.match(hook, request);
            if (match.isEmpty()) {
                continue;
            }
            if (ask(hook, match.get(), request, round + "_index_" + i)) {
                changed = true;
                outdated.addAll(asked);
            }
            if (hook.isReinvocable()) {
                asked.add(hook);
            }
        }
        return new Round(changed, outdated);
    }

    private boolean ask(Webhook hook, Match match, Request request, String place) {
        ObjectNode object = request.object();
        ObjectNode seen = calls.equivalents().convert(object, request, match.resource());
        Optional<WebhookCalls.Allowed> allowed = calls.call(hook, request, match, seen, true, ANNOTATION + place);
        boolean changed = false;
        if (allowed.isPresent() && !allowed.get().patch().isEmpty()) {
            if (object == null || seen == null) {
                throw ApiException.internal(
                        "admission webhook \"" + hook.name()
                                + "\" attempted to modify the object, which is not supported for this operation",
                        null);
            }
            ObjectNode patched = patched(seen, allowed.get(), match);
            changed = !patched.equals(seen);
            ObjectNode own = calls.equivalents().convert(patched, match.resource(), request.resource());
            object.removeAll();
            object.setAll(own.deepCopy());
            ObjectNode applied = told(hook, changed);
            applied.set("patch", allowed.get().patch());
            applied.put("patchType", "JSONPatch");
            request.annotate().accept("patch.webhook.admission.k8s.io/round_" + place, applied.toString());
        }
        request.annotate().accept(ANNOTATION + place, told(hook, changed).toString());
        return changed;
    }

    private static ObjectNode told(Webhook hook, boolean changed) {
        return Json.object()
                .put("configuration", hook.configuration())
                .put("webhook", hook.name())
                .put("mutated", changed);
    }

    /// The object after the patch, decoded and defaulted as if a client had sent it.
    private ObjectNode patched(ObjectNode object, WebhookCalls.Allowed allowed, Match match) {
        try {
            ObjectNode patched = JsonPatch.apply(object.deepCopy(), allowed.patch());
            Optional<ResourceKind> kind = kind(match.resource(), match);
            KindSchema schema = kind.isPresent() ? schemas.of(kind.get()) : schemas.of(match.kind());
            schema.decode(patched);
            schema.applyDefaults(patched);
            if (kind.orElse(null) instanceof StoredKind stored) {
                stored.applyDefaults(patched);
            }
            return patched;
        } catch (PatchException | ApiException e) {
            throw ApiException.internal(String.valueOf(e.getMessage()), e);
        }
    }

    /// The kind of the resource, unless the request is about a subresource that takes something else.
    private Optional<ResourceKind> kind(GroupVersionResource resource, Match match) {
        return calls.equivalents()
                .kinds()
                .find(resource)
                .filter(kind -> kind.spec().kind().equals(match.kind()));
    }
}
