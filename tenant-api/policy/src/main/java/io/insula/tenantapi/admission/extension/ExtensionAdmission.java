package io.insula.tenantapi.admission.extension;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.registry.AdmissionPlugin;
import io.insula.tenantapi.registry.KindRegistry;
import io.insula.tenantapi.registry.KindSchema;
import io.insula.tenantapi.registry.ResourceKind;
import io.insula.tenantapi.webhook.WebhookClient;
import java.util.List;
import java.util.function.Supplier;

/// The declared admission of one server: policies and webhooks. Thread-safe; idle, it holds nothing until the first
/// write.
public final class ExtensionAdmission implements AutoCloseable {

    /// Positions after all other plugins but ResourceQuota, which is last.
    static final int MUTATING_WEBHOOKS = 910;

    static final int POLICIES = 920;
    static final int VALIDATING_WEBHOOKS = 930;

    private final List<Declarations<?>> declarations;
    private final List<AdmissionPlugin> plugins;
    private final PolicyStatus policyStatus;

    /// @param client reads as the server itself
    public ExtensionAdmission(
            KindRegistry kinds, KindSchema.Lookup schemas, WebhookClient webhooks, Supplier<ObjectClient> client) {
        var policies = new Declarations<>(resource("validatingadmissionpolicies"), client, Policy::of);
        var bindings = new Declarations<>(resource("validatingadmissionpolicybindings"), client, PolicyBinding::of);
        var mutating = new Declarations<>(resource("mutatingwebhookconfigurations"), client, Webhook::of);
        var validating = new Declarations<>(resource("validatingwebhookconfigurations"), client, Webhook::of);
        var equivalents = new Equivalents(kinds);
        var calls = new WebhookCalls(webhooks, equivalents);
        policyStatus = new PolicyStatus(policies.resource(), new TypeChecking(kinds, schemas), client);
        declarations = List.of(policies, bindings, mutating, validating);
        plugins = List.of(
                new MutatingWebhooks(mutating, calls, schemas),
                new PolicyAdmission(policies, bindings, equivalents),
                new ValidatingWebhooks(validating, calls));
    }

    private static GroupVersionResource resource(String plural) {
        return new GroupVersionResource("admissionregistration.k8s.io", "v1", plural);
    }

    /// To be joined with the other plugins of the server.
    public List<AdmissionPlugin> plugins() {
        return plugins;
    }

    /// Sees to what is left of the server's last run. Returns at once.
    public void start() {
        policyStatus.start();
    }

    /// Tells of a write through this server: what it declares counts for the very next request.
    public void written(ResourceKind kind, ObjectNode object, boolean gone) {
        GroupVersionResource resource = kind.spec().gvr();
        if (!gone && policyStatus.resource().equals(resource)) {
            policyStatus.written(object);
        }
        for (Declarations<?> declared : declarations) {
            if (declared.resource().equals(resource)) {
                declared.written(object, gone);
            }
        }
    }

    @Override
    public void close() {
        policyStatus.close();
        declarations.forEach(Declarations::close);
    }
}
