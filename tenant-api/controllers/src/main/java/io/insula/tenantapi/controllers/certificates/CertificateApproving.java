package io.insula.tenantapi.controllers.certificates;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.reconcile.Outcome;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.CertificateSigner;
import io.insula.tenantapi.controllers.CertificateSigner.Subject;
import io.insula.tenantapi.controllers.Controller;
import io.insula.tenantapi.controllers.ControllerContext;
import io.insula.tenantapi.controllers.ControllerFactory;
import io.insula.tenantapi.controllers.ControllerSpec;
import io.insula.tenantapi.controllers.Key;
import io.insula.tenantapi.controllers.Resources;
import io.insula.tenantapi.controllers.Store;
import io.insula.tenantapi.controllers.objects.Statuses;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.view.Condition;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Approves the client certificates of kubelets, where the requestor may have one: `nodeclient`, or
/// `selfnodeclient` for a node that renews its own. Source: kubernetes,
/// `pkg/controller/certificates/approver/sarapprove.go`.
final class CertificateApproving implements Controller {

    private static final GroupVersionResource REVIEWS =
            new GroupVersionResource("authorization.k8s.io", "v1", "subjectaccessreviews");

    private final ObjectClient client;
    private final CertificateSigner signer;
    private final Clock clock;
    private final Store requests;

    private CertificateApproving(ControllerContext context) {
        this.client = context.client();
        this.signer = context.facts().signer();
        this.clock = context.clock();
        this.requests = context.store(Resources.CERTIFICATE_SIGNING_REQUESTS);
    }

    @Singleton
    static final class Factory implements ControllerFactory {
        @Override
        public String name() {
            return "certificate-approving-controller";
        }

        @Override
        public Controller create(ControllerContext context) {
            return new CertificateApproving(context);
        }
    }

    @Override
    public ControllerSpec spec() {
        return ControllerSpec.of(Resources.CERTIFICATE_SIGNING_REQUESTS);
    }

    @Override
    public Outcome reconcile(Key key) {
        Optional<ObjectNode> found = requests.get(key);
        boolean open = found.isPresent()
                && found.get().path("spec").path("signerName").asText().equals(SigningRules.KUBELET_CLIENT)
                && !Condition.of(found.get(), "Approved").exists()
                && !Condition.of(found.get(), "Denied").exists()
                && !Condition.of(found.get(), "Failed").exists();
        if (open) {
            consider(found.get());
        }
        return Outcome.SETTLED;
    }

    private void consider(ObjectNode request) {
        JsonNode spec = request.path("spec");
        Subject subject;
        try {
            subject = signer.read(new String(
                    Base64.getMimeDecoder().decode(spec.path("request").asText()), StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            return; // a person may deny it
        }
        Set<String> usages =
                spec.path("usages").valueStream().map(JsonNode::asText).collect(Collectors.toSet());
        if (SigningRules.refusal(SigningRules.KUBELET_CLIENT, subject, usages).isPresent()) {
            return;
        }
        boolean own = spec.path("username").asText().equals(subject.commonName());
        if (own && mayHave(spec, "selfnodeclient")) {
            approve(request, "Auto approving self kubelet client certificate after SubjectAccessReview.");
        } else if (mayHave(spec, "nodeclient")) {
            approve(request, "Auto approving kubelet client certificate after SubjectAccessReview.");
        }
    }

    private boolean mayHave(JsonNode spec, String subresource) {
        ObjectNode review =
                Json.object().put("apiVersion", "authorization.k8s.io/v1").put("kind", "SubjectAccessReview");
        ObjectNode asked = review.putObject("spec")
                .put("user", spec.path("username").asText())
                .put("uid", spec.path("uid").asText(""));
        asked.set("groups", spec.path("groups").isArray() ? spec.path("groups") : Json.MAPPER.createArrayNode());
        asked.putObject("resourceAttributes")
                .put("group", "certificates.k8s.io")
                .put("resource", "certificatesigningrequests")
                .put("verb", "create")
                .put("subresource", subresource)
                .put("version", "*");
        return client.create(REVIEWS, "", review).at("/status/allowed").asBoolean();
    }

    private void approve(ObjectNode request, String message) {
        ObjectNode approved = request.deepCopy();
        Condition.set(Statuses.of(approved), "Approved", true, "AutoApproved", message, clock.instant());
        String now = Meta.timestamp(clock.instant());
        Condition.listOf(approved).forEach(c -> ((ObjectNode) c).put("lastUpdateTime", now));
        client.update(Resources.CERTIFICATE_SIGNING_REQUESTS, "", "approval", approved);
    }
}
