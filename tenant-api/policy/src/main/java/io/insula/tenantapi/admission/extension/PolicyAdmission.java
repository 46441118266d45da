package io.insula.tenantapi.admission.extension;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.admission.extension.MatchCriteria.Match;
import io.insula.tenantapi.admission.extension.PolicyRun.Denial;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.cel.AdmissionEnvironment;
import io.insula.tenantapi.registry.AdmissionPlugin;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Asks the ValidatingAdmissionPolicies of one tenant. Thread-safe. Source: kubernetes/apiserver,
/// `admission/plugin/policy/validating/dispatcher.go`.
final class PolicyAdmission implements AdmissionPlugin.Validating {

    private static final int MAX_ANNOTATION = 10 * 1024;
    private static final Map<String, Integer> CODES =
            Map.of("Forbidden", 403, "Unauthorized", 401, "RequestEntityTooLarge", 413, "Invalid", 422);

    private final Declarations<Policy> policies;
    private final Declarations<PolicyBinding> bindings;
    private final Equivalents equivalents;
    private final Params params;

    PolicyAdmission(Declarations<Policy> policies, Declarations<PolicyBinding> bindings, Equivalents equivalents) {
        this.policies = policies;
        this.bindings = bindings;
        this.equivalents = equivalents;
        this.params = new Params(equivalents.kinds());
    }

    /// @param binding empty where the policy itself cannot be asked
    private record Refusal(String policy, String binding, String message, String reason) {
        String text() {
            String with = binding.isEmpty() ? "" : " with binding '" + binding + "'";
            return "ValidatingAdmissionPolicy '" + policy + "'" + with + " denied request: " + message;
        }
    }

    @Override
    public PluginSpec spec() {
        return new PluginSpec(
                "ValidatingAdmissionPolicy",
                ExtensionAdmission.POLICIES,
                Set.of(Operation.CREATE, Operation.UPDATE, Operation.DELETE, Operation.CONNECT));
    }

    @Override
    public void validate(Request request) {
        if (MatchCriteria.isExempt(request)) {
            return;
        }
        var refusals = new ArrayList<Refusal>();
        for (Policy policy : policies.all()) {
            consult(policy, request, refusals);
        }
        if (!refusals.isEmpty()) {
            throw denied(request, refusals.getFirst());
        }
    }

    private void consult(Policy policy, Request request, List<Refusal> refusals) {
        Optional<Match> match;
        try {
            match = policy.criteria().match(request, equivalents);
        } catch (ApiException e) {
            misconfigured(policy, "", "failed to configure policy: " + e.getMessage(), refusals);
            return;
        }
        if (match.isEmpty()) {
            return;
        }
        var annotations = new LinkedHashMap<String, Set<String>>();
        for (PolicyBinding binding : bindings.all()) {
            if (!binding.policy().equals(policy.name())) {
                continue;
            }
            try {
                if (binding.criteria().match(request, equivalents).isPresent()) {
                    apply(policy, binding, match.get(), request, refusals, annotations);
                }
            } catch (ApiException | Params.Broken e) {
                misconfigured(policy, binding.name(), "failed to configure binding: " + e.getMessage(), refusals);
            }
        }
        annotations.forEach(
                (key, values) -> request.annotate().accept(policy.name() + "/" + key, String.join(", ", values)));
    }

    private static void misconfigured(Policy policy, String binding, String message, List<Refusal> refusals) {
        if (!policy.ignoreFailures()) {
            refusals.add(new Refusal(policy.name(), binding, message, ""));
        }
    }

    private void apply(
            Policy policy,
            PolicyBinding binding,
            Match match,
            Request request,
            List<Refusal> refusals,
            Map<String, Set<String>> annotations) {
        List<Optional<ObjectNode>> parameters = params.of(policy, binding, request);
        if (parameters.isEmpty()) {
            return;
        }
        @Nullable ObjectNode object = equivalents.convert(request.object(), request, match.resource());
        @Nullable ObjectNode old = equivalents.convert(request.oldObject(), request, match.resource());
        Map<String, Object> variables = RequestVariables.of(request, match, object, old);
        variables.put(AdmissionEnvironment.NAMESPACE, RequestVariables.namespace(request));
        for (Optional<ObjectNode> parameter : parameters) {
            variables.put(AdmissionEnvironment.PARAMS, RequestVariables.value(parameter.orElse(null)));
            PolicyRun.Outcome outcome = new PolicyRun(policy, variables).run();
            outcome.denials().forEach(denial -> act(policy, binding, denial, request, refusals));
            outcome.errors().forEach(e -> refusals.add(new Refusal(policy.name(), binding.name(), e, "")));
            outcome.annotations()
                    .forEach((key, value) -> annotations
                            .computeIfAbsent(key, k -> new LinkedHashSet<>())
                            .add(value.substring(0, Math.min(value.length(), MAX_ANNOTATION))));
        }
    }

    private static void act(
            Policy policy, PolicyBinding binding, Denial denial, Request request, List<Refusal> refusals) {
        for (String action : binding.actions()) {
            switch (action) {
                case "Deny" ->
                    refusals.add(new Refusal(policy.name(), binding.name(), denial.message(), denial.reason()));
                case "Warn" ->
                    request.warnings()
                            .add("Validation failed for ValidatingAdmissionPolicy '" + policy.name()
                                    + "' with binding '" + binding.name() + "': " + denial.message());
                case "Audit" -> {
                    ObjectNode failure = Json.object()
                            .put("message", denial.message())
                            .put("policy", policy.name())
                            .put("binding", binding.name())
                            .put("expressionIndex", denial.index());
                    var actions = failure.putArray("validationActions");
                    binding.actions().forEach(actions::add);
                    request.annotate()
                            .accept("validation.policy.admission.k8s.io/validation_failure", "[" + failure + "]");
                }
                default -> {}
            }
        }
    }

    private static ApiException denied(Request request, Refusal refusal) {
        String reason = refusal.reason().isEmpty() ? "Invalid" : refusal.reason();
        String text = refusal.text();
        ObjectNode status = ApiException.forbidden(request.resource(), request.name(), text)
                .status()
                .deepCopy();
        status.put("reason", reason).put("code", CODES.getOrDefault(reason, 422));
        ((ObjectNode) status.path("details")).putArray("causes").addObject().put("message", text);
        return ApiException.ofStatus(status);
    }
}
