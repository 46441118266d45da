package io.insula.tenantapi.controllers.core;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.reconcile.Outcome;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.Controller;
import io.insula.tenantapi.controllers.ControllerContext;
import io.insula.tenantapi.controllers.ControllerFactory;
import io.insula.tenantapi.controllers.ControllerSpec;
import io.insula.tenantapi.controllers.Key;
import io.insula.tenantapi.controllers.Resources;
import io.insula.tenantapi.controllers.Store;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.ports.ObjectClient.Query;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Signs the kubeconfig in kube-public/cluster-info with each bootstrap token that may sign, so that whoever holds
/// one can trust what everybody may read. Source: kubernetes, `pkg/controller/bootstrap/bootstrapsigner.go`;
/// cluster-bootstrap, `token/jws`.
final class BootstrapSigner implements Controller {

    private static final Key INFO = new Key("kube-public", "cluster-info");
    private static final Query NAMED = new Query("", "metadata.name=cluster-info");
    private static final String SIGNATURE = "jws-kubeconfig-";
    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

    private final ObjectClient client;
    private final Clock clock;
    private final Store infos;
    private final Store secrets;

    private BootstrapSigner(ControllerContext context) {
        client = context.client();
        clock = context.clock();
        infos = context.store(Resources.CONFIG_MAPS, NAMED);
        secrets = context.store(Resources.SECRETS, BootstrapTokenSecret.OF_TYPE);
    }

    @Singleton
    static final class Factory implements ControllerFactory {
        @Override
        public String name() {
            return "bootstrap-signer";
        }

        @Override
        public Controller create(ControllerContext context) {
            return new BootstrapSigner(context);
        }
    }

    @Override
    public ControllerSpec spec() {
        return new ControllerSpec(
                1,
                List.of(
                        new ControllerSpec.Watched(
                                Resources.CONFIG_MAPS,
                                NAMED,
                                event -> Key.of(event.object()).equals(INFO) ? List.of(INFO) : List.of()),
                        new ControllerSpec.Watched(
                                Resources.SECRETS, BootstrapTokenSecret.OF_TYPE, event -> List.of(INFO))));
    }

    @Override
    public Outcome reconcile(Key key) {
        Optional<ObjectNode> found =
                infos.get(key).filter(info -> info.path("data").has("kubeconfig"));
        if (found.isEmpty()) {
            return Outcome.SETTLED;
        }
        ObjectNode info = found.get();
        Map<String, String> wanted =
                signatures(info.path("data").path("kubeconfig").asText());
        var present = new TreeMap<String, String>();
        info.path("data").properties().forEach(entry -> {
            if (entry.getKey().startsWith(SIGNATURE)) {
                present.put(entry.getKey(), entry.getValue().asText());
            }
        });
        if (!present.equals(wanted)) {
            ObjectNode patch = Json.object();
            patch.putObject("metadata").put("resourceVersion", Meta.resourceVersion(info));
            ObjectNode data = patch.putObject("data");
            present.keySet().forEach(data::putNull);
            wanted.forEach(data::put);
            client.mergePatch(Resources.CONFIG_MAPS, key.namespace(), key.name(), "", patch);
        }
        return Outcome.SETTLED;
    }

    private Map<String, String> signatures(String content) {
        var all = new TreeMap<String, String>();
        secrets.inNamespace(BootstrapTokenSecret.NAMESPACE).stream()
                .map(BootstrapTokenSecret::new)
                .filter(token -> token.maySign(clock.instant()))
                .forEach(token -> all.put(SIGNATURE + token.id(), sign(content, token.id(), token.secret())));
        return all;
    }

    /// A JSON Web Signature without its content. Source: RFC 7515, appendix F. Clients compare it as a text: the
    /// header's fields have one order.
    static String sign(String content, String id, String secret) {
        String header =
                BASE64.encodeToString(("{\"alg\":\"HS256\",\"kid\":\"" + id + "\"}").getBytes(StandardCharsets.UTF_8));
        String payload = BASE64.encodeToString(content.getBytes(StandardCharsets.UTF_8));
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            byte[] signature = mac.doFinal((header + "." + payload).getBytes(StandardCharsets.US_ASCII));
            return header + ".." + BASE64.encodeToString(signature);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot sign with a bootstrap token", e);
        }
    }
}
