package io.insula.controlplane.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.controlplane.tenant.KeyRotation.Phase;
import io.insula.controlplane.tenant.RotatedKeys;
import io.insula.controlplane.tenant.Tenancy;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.view.Condition;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `insula tenant rotate`.
@Command(
        name = "rotate",
        description = {
            "Replaces keys of a tenant while it runs, in two phases. Watches, requests and pods go on.",
            "First a new key signs, and whatever the former one signed is taken. With --finish, or by itself 366 days"
                    + " later, that is refused, at once and on open connections too, and the former key is gone.",
            "",
            "service-account: the key that signs service account tokens. Pods get tokens of the new key when theirs are"
                    + " renewed, within the hour for most: finish earlier and they are refused until then. Tokens in"
                    + " Secrets are made anew with --finish.",
            "",
            "ca: the authority of kubeconfigs and of the API server's own certificate. Kubeconfigs that are in users'"
                    + " hands work until --finish; `insula tenant get NAME` names the users who need a new one before,"
                    + " `insula tenant kubeconfig list NAME` shows each. Until then, too, pods that read kube-root-ca.crt"
                    + " only when they start must be started anew.",
            "",
            "front-proxy-ca: the authority of the certificate by which API servers behind the tenant's (APIServices) know"
                    + " it. They are told of the new one at once, in kube-system/extension-apiserver-authentication;"
                    + " finish when all of them have read it."
        })
final class TenantRotateCommand implements Callable<Integer> {

    private static final Duration WITHIN = Duration.ofMinutes(2);
    private static final Duration LOOK = Duration.ofMillis(150);

    @Spec
    private @Nullable CommandSpec spec;

    @Parameters(paramLabel = "NAME")
    private String name = "";

    @Option(
            names = "--keys",
            paramLabel = "KEYS",
            required = true,
            description = "Which: service-account, ca or front-proxy-ca.")
    private String keys = "";

    @Option(names = "--finish", description = "Has what the former key signed refused from now on.")
    private boolean finish;

    @Option(names = "--force", description = "Also while kubeconfigs of the former authority are in use.")
    private boolean force;

    @Override
    public Integer call() {
        TenantArgument.require(spec, name);
        RotatedKeys which = RotatedKeys.ofWord(keys)
                .orElseThrow(() -> wrong("--keys: \"" + keys + "\" (expected: " + RotatedKeys.words() + ")"));
        if (force && !finish) {
            throw wrong("--force: only together with --finish");
        }
        Phase phase = finish ? Phase.FINISH : Phase.BEGIN;
        ObjectNode request = Json.object().put("keys", keys).put("phase", phase.word());
        if (force) {
            request.put("force", true);
        }
        try (var admin = AdminClient.connect(TenantArgument.access(spec))) {
            admin.post("/v1/tenants/" + name + "/rotate", request);
            System.err.println("changing a key of tenant " + name + " ...");
            System.out.println("tenant " + name + ": " + awaitDone(admin, which).message());
        }
        return 0;
    }

    private Condition awaitDone(AdminClient admin, RotatedKeys which) {
        var waiting = Waiting.upTo(WITHIN, LOOK);
        while (true) {
            JsonNode tenant = admin.get("/v1/tenants/" + name);
            var rotating = Condition.of(tenant, which.condition());
            boolean isTaken = !tenant.path("metadata").path("annotations").has(Tenancy.ROTATE);
            if (isTaken && rotating.exists() && rotating.isTrue() != finish) {
                return rotating;
            }
            waiting.pauseOr(() -> "tenant \"" + name + "\": the key has not changed yet after " + WITHIN.toSeconds()
                    + " s; it goes on, `insula tenant get " + name + " -o yaml` shows how it stands");
        }
    }

    private ParameterException wrong(String message) {
        return new ParameterException(Objects.requireNonNull(spec).commandLine(), message);
    }
}
