package io.insula.tenantapi.controllers.core;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.reconcile.Outcome;
import io.insula.rules.keys.WellKnownKeys;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.ClusterFacts;
import io.insula.tenantapi.controllers.Controller;
import io.insula.tenantapi.controllers.ControllerContext;
import io.insula.tenantapi.controllers.ControllerFactory;
import io.insula.tenantapi.controllers.ControllerSpec;
import io.insula.tenantapi.controllers.Key;
import io.insula.tenantapi.controllers.ObjectEvent;
import io.insula.tenantapi.controllers.PodWriter;
import io.insula.tenantapi.controllers.Resources;
import io.insula.tenantapi.controllers.Store;
import io.insula.tenantapi.controllers.objects.MergePatches;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.ports.ObjectClient.Query;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Fills Secrets of the type `kubernetes.io/service-account-token` that somebody made for a service account,
/// and deletes them when it goes. The token lives as long as both, and is made anew when its key is taken no more. Not
/// before: a token is good only while its Secret has it. Source: kubernetes,
/// `pkg/controller/serviceaccount/tokens_controller.go`, which never makes one anew.
final class AccountTokenSecrets implements Controller {

    private static final Query OF_TYPE = new Query("", "type=" + WellKnownKeys.ACCOUNT_TOKEN);

    private final ObjectClient client;
    private final ClusterFacts facts;
    private final Store secrets;

    private AccountTokenSecrets(ControllerContext context) {
        this.client = context.client();
        this.facts = context.facts();
        this.secrets = context.store(Resources.SECRETS, OF_TYPE);
    }

    @Singleton
    static final class Factory implements ControllerFactory {
        @Override
        public String name() {
            return "tokens-controller";
        }

        @Override
        public Controller create(ControllerContext context) {
            return new AccountTokenSecrets(context);
        }
    }

    @Override
    public ControllerSpec spec() {
        return ControllerSpec.watching(Resources.SERVICE_ACCOUNTS, this::secretsOf)
                .watch(Resources.SECRETS, OF_TYPE, event -> List.of(Key.of(event.object())));
    }

    @Override
    public Outcome reconcile(Key key) {
        Optional<ObjectNode> found = secrets.get(key).filter(secret -> !Meta.isBeingDeleted(secret));
        if (found.isEmpty()) {
            return Outcome.SETTLED;
        }
        ObjectNode secret = found.get();
        Map<String, String> annotations = Meta.annotations(secret);
        String name = annotations.getOrDefault(WellKnownKeys.ACCOUNT_NAME, "");
        if (name.isEmpty()) {
            return Outcome.SETTLED;
        }
        Optional<ObjectNode> account = client.get(Resources.SERVICE_ACCOUNTS, key.namespace(), name);
        String uid = annotations.getOrDefault(WellKnownKeys.ACCOUNT_UID, "");
        if (account.isEmpty() || (!uid.isEmpty() && !uid.equals(Meta.uid(account.get())))) {
            delete(key, secret);
            return Outcome.SETTLED;
        }
        fill(key, secret, account.get());
        return Outcome.SETTLED;
    }

    private void fill(Key key, ObjectNode secret, ObjectNode account) {
        String ca = base64(facts.rootCaPem());
        var data = secret.path("data");
        String token = data.path("token").asText("");
        boolean hasToken = !token.isEmpty() && !isOutdated(token);
        boolean complete = hasToken
                && data.path("ca.crt").asText("").equals(ca)
                && data.has("namespace")
                && Meta.annotations(secret).containsKey(WellKnownKeys.ACCOUNT_UID);
        if (complete) {
            return;
        }
        ObjectNode patch = MergePatches.asRead(secret);
        Meta.of(patch).putObject("annotations").put(WellKnownKeys.ACCOUNT_UID, Meta.uid(account));
        ObjectNode wanted = patch.putObject("data").put("ca.crt", ca).put("namespace", base64(key.namespace()));
        if (!hasToken) {
            String made = facts.tokens().issue(key.namespace(), Meta.name(account), Meta.uid(account), key.name());
            wanted.put("token", base64(made));
        }
        client.mergePatch(Resources.SECRETS, key.namespace(), key.name(), "", patch);
    }

    /// What is no text of base64 is not ours to judge: somebody has put it there.
    private boolean isOutdated(String encoded) {
        try {
            return facts.tokens().isOutdated(new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private void delete(Key key, ObjectNode secret) {
        try {
            client.delete(Resources.SECRETS, key.namespace(), key.name(), PodWriter.onlyIf(secret));
        } catch (ApiException e) {
            if (!PodWriter.isGone(e)) {
                throw e;
            }
        }
    }

    private Collection<Key> secretsOf(ObjectEvent event) {
        ObjectNode account = event.object();
        return secrets.inNamespace(Meta.namespace(account)).stream()
                .filter(secret ->
                        Meta.name(account).equals(Meta.annotations(secret).get(WellKnownKeys.ACCOUNT_NAME)))
                .map(Key::of)
                .toList();
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
