package io.insula.tenantapi.admission.plugins;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.rules.resources.Amounts;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.ports.ObjectClient.Query;
import io.insula.tenantapi.quota.QuotaEvaluator;
import io.insula.tenantapi.quota.Quotas;
import io.insula.tenantapi.registry.AdmissionPlugin;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;

/// Charges what is created to the quotas of its namespace and refuses what is beyond one of them. Two
/// requests are never both charged from one balance: the balance is replaced only as it was read, and whoever
/// comes second starts again. What is charged and then not stored is given back by the quota controller's
/// next recount.
/// Source: kubernetes/apiserver, `pkg/admission/plugin/resourcequota/controller.go`.
@Singleton
final class ResourceQuota implements AdmissionPlugin.Validating {

    private static final GroupVersionResource QUOTAS = Requests.core("resourcequotas");
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final long LONGEST_PAUSE_NANOS = 8_000_000;
    private static final Set<String> CHARGED_ON_UPDATE = Set.of("services", "persistentvolumeclaims");

    @Override
    public PluginSpec spec() {
        // after everything else: nothing may refuse what has been charged
        return new PluginSpec("ResourceQuota", 1000, Set.of(Operation.CREATE, Operation.UPDATE));
    }

    @Override
    public void validate(Request request) {
        if (request.namespace().isEmpty() || !isCharged(request)) {
            return;
        }
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!tryOnce(request)) {
            if (System.nanoTime() - end > 0) {
                throw ApiException.internal("resource quota evaluation timed out", null);
            }
            LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(LONGEST_PAUSE_NANOS));
        }
    }

    private static boolean isCharged(Request request) {
        String resource = request.resource().resource();
        boolean core = request.resource().group().isEmpty();
        if (request.operation() == Operation.CREATE) {
            return request.subresource().isEmpty();
        }
        if (core && resource.equals("pods")) {
            return request.subresource().equals("resize")
                    || (request.subresource().isEmpty() && movesBetweenScopes(request));
        }
        return core && request.subresource().isEmpty() && CHARGED_ON_UPDATE.contains(resource);
    }

    /// Whether a pod that ran for ever gets a deadline, or the reverse.
    private static boolean movesBetweenScopes(Request request) {
        ObjectNode old = request.oldObject();
        return old != null && hasDeadline(old) != hasDeadline(Requests.object(request));
    }

    private static boolean hasDeadline(ObjectNode pod) {
        return pod.path("spec").path("activeDeadlineSeconds").isNumber();
    }

    /// A quota with its new balance.
    ///
    /// @param amount by which it grew
    private record Charge(ObjectNode quota, Amounts amount) {}

    /// @return whether the request is charged, or need not be
    private static boolean tryOnce(Request request) {
        // a balance is only replaced as it was read: what another server has charged meanwhile is a conflict
        List<ObjectNode> quotas = request.client()
                .recent()
                .list(QUOTAS, request.namespace(), Query.ALL)
                .items();
        List<Charge> charged = charge(request, quotas);
        if (request.dryRun()) {
            return true;
        }
        for (int i = 0; i < charged.size(); i++) {
            try {
                request.client()
                        .update(
                                QUOTAS,
                                request.namespace(),
                                "status",
                                charged.get(i).quota());
            } catch (ApiException e) {
                if (e.is("NotFound")) {
                    continue;
                }
                if (!e.is("Conflict")) {
                    throw e;
                }
                giveBack(request, charged.subList(0, i));
                return false;
            }
        }
        return true;
    }

    /// Only the quotas whose balance changes.
    private static List<Charge> charge(Request request, List<ObjectNode> quotas) {
        QuotaEvaluator evaluator = QuotaEvaluator.of(request.resource());
        List<ObjectNode> concerned = quotas.stream()
                .filter(quota -> concerns(request, quota, evaluator))
                .toList();
        if (concerned.isEmpty()) {
            return List.of();
        }
        Instant now = Instant.now();
        Amounts all = evaluator.usage(Requests.object(request), now);
        ObjectNode old = request.oldObject();
        Amounts more = old == null ? all : all.lessNotBelowZero(evaluator.usage(old, now));
        var changed = new ArrayList<Charge>();
        for (ObjectNode quota : concerned) {
            // an object that only now comes into the scopes of a quota is new to it
            Amounts wanted = old != null && Quotas.inScopes(quota, evaluator, old) ? more : all;
            charge(request, quota, wanted).ifPresent(changed::add);
        }
        return changed;
    }

    private static boolean concerns(Request request, ObjectNode quota, QuotaEvaluator evaluator) {
        ObjectNode object = Requests.object(request);
        Amounts hard = Amounts.of(quota.path("status").path("hard"));
        Set<String> names = Quotas.measured(evaluator, hard);
        if (names.isEmpty() || !Quotas.inScopes(quota, evaluator, object)) {
            return false;
        }
        String missing = evaluator.missing(names, object);
        if (!missing.isEmpty()) {
            throw Requests.forbidden(request, "failed quota: " + Meta.name(quota) + ": must specify " + missing);
        }
        Amounts used = Amounts.of(quota.path("status").path("used"));
        List<String> unknown = names.stream()
                .filter(name -> !used.byName().containsKey(name))
                .sorted()
                .toList();
        if (!unknown.isEmpty()) {
            throw Requests.forbidden(
                    request,
                    "status unknown for quota: " + Meta.name(quota) + ", resources: " + String.join(",", unknown));
        }
        return true;
    }

    private static Optional<Charge> charge(Request request, ObjectNode quota, Amounts wanted) {
        Amounts hard = Amounts.of(quota.path("status").path("hard"));
        Amounts used = Amounts.of(quota.path("status").path("used"));
        Amounts requested = wanted.only(hard.byName().keySet());
        if (requested.isZero()) {
            return Optional.empty();
        }
        Amounts after = used.plus(requested);
        Set<String> exceeded = after.only(requested.byName().keySet()).beyond(hard);
        if (!exceeded.isEmpty()) {
            throw Requests.forbidden(
                    request,
                    "exceeded quota: " + Meta.name(quota) + ", requested: " + requested.only(exceeded) + ", used: "
                            + used.only(exceeded) + ", limited: " + hard.only(exceeded));
        }
        ObjectNode balance = quota.deepCopy();
        balance.withObjectProperty("status").set("used", after.toTree());
        return Optional.of(new Charge(balance, requested));
    }

    /// Undoes the charges of an attempt that failed halfway. What cannot be undone waits for the recount.
    private static void giveBack(Request request, List<Charge> charged) {
        for (Charge charge : charged) {
            request.client()
                    .get(QUOTAS, request.namespace(), Meta.name(charge.quota()))
                    .ifPresent(quota -> giveBack(request, quota, charge.amount()));
        }
    }

    private static void giveBack(Request request, ObjectNode quota, Amounts back) {
        Amounts used = Amounts.of(quota.path("status").path("used"));
        quota.withObjectProperty("status")
                .set("used", used.lessNotBelowZero(back).toTree());
        try {
            request.client().update(QUOTAS, request.namespace(), "status", quota);
        } catch (ApiException e) {
            if (!e.is("Conflict") && !e.is("NotFound")) {
                throw e;
            }
        }
    }
}
