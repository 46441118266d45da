package io.insula.tenantapi.admission.extension;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.admission.extension.MatchCriteria.Match;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.registry.AdmissionPlugin;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// Asks the validating webhooks of one tenant, all at once. Thread-safe. Source: kubernetes/apiserver,
/// `admission/plugin/webhook/validating`.
final class ValidatingWebhooks implements AdmissionPlugin.Validating {

    private static final String ANNOTATION = "validating.webhook.admission.k8s.io/round_0_index_";

    private final Declarations<List<Webhook>> configurations;
    private final WebhookCalls calls;

    ValidatingWebhooks(Declarations<List<Webhook>> configurations, WebhookCalls calls) {
        this.configurations = configurations;
        this.calls = calls;
    }

    private record Invocation(Webhook hook, Match match) {}

    @Override
    public PluginSpec spec() {
        return new PluginSpec(
                "ValidatingAdmissionWebhook",
                ExtensionAdmission.VALIDATING_WEBHOOKS,
                Set.of(Operation.CREATE, Operation.UPDATE, Operation.DELETE, Operation.CONNECT));
    }

    @Override
    public void validate(Request request) {
        if (MatchCriteria.isExempt(request)) {
            return;
        }
        var relevant = new ArrayList<Invocation>();
        for (List<Webhook> configuration : configurations.all()) {
            for (Webhook hook : configuration) {
                calls.match(hook, request).ifPresent(match -> relevant.add(new Invocation(hook, match)));
            }
        }
        if (relevant.size() == 1) {
            ask(relevant.getFirst(), request, 0);
        } else if (!relevant.isEmpty()) {
            askAll(relevant, request);
        }
    }

    private void ask(Invocation invocation, Request request, int index) {
        ObjectNode object = calls.equivalents()
                .convert(request.object(), request, invocation.match().resource());
        Optional<WebhookCalls.Allowed> _ =
                calls.call(invocation.hook(), request, invocation.match(), object, false, ANNOTATION + index);
    }

    /// Every call ends by its own timeout, so that waiting for all of them does.
    private void askAll(List<Invocation> relevant, Request request) {
        Request shared = shared(request);
        var factory = Thread.ofVirtual().name("validating-webhook-", 0).factory();
        try (var executor = Executors.newThreadPerTaskExecutor(factory)) {
            var running = new ArrayList<Future<?>>();
            for (int i = 0; i < relevant.size(); i++) {
                int index = i;
                running.add(executor.submit(() -> ask(relevant.get(index), shared, index)));
            }
            ApiException refusal = null;
            for (Future<?> future : running) {
                ApiException one = failure(future);
                refusal = refusal == null ? one : refusal;
            }
            if (refusal != null) {
                throw refusal;
            }
        }
    }

    /// The same request with collections that several threads may add to.
    private static Request shared(Request request) {
        Object lock = new Object();
        return new Request(
                request.operation(),
                request.resource(),
                request.kind(),
                request.subresource(),
                request.namespace(),
                request.name(),
                request.object(),
                request.oldObject(),
                request.user(),
                request.dryRun(),
                request.client(),
                request.authorizer(),
                Collections.synchronizedList(request.warnings()),
                (key, value) -> {
                    synchronized (lock) {
                        request.annotate().accept(key, value);
                    }
                });
    }

    private static @org.jspecify.annotations.Nullable ApiException failure(Future<?> future) {
        try {
            future.get();
            return null;
        } catch (ExecutionException e) {
            return e.getCause() instanceof ApiException refusal
                    ? refusal
                    : ApiException.internal("a validating webhook could not be asked", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return ApiException.timeout("request did not complete within requested timeout", 0);
        }
    }
}
