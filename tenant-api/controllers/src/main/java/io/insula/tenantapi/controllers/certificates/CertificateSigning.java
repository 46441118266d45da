package io.insula.tenantapi.controllers.certificates;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.reconcile.Outcome;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.CertificateSigner;
import io.insula.tenantapi.controllers.CertificateSigner.Subject;
import io.insula.tenantapi.controllers.Controller;
import io.insula.tenantapi.controllers.ControllerContext;
import io.insula.tenantapi.controllers.ControllerFactory;
import io.insula.tenantapi.controllers.ControllerSpec;
import io.insula.tenantapi.controllers.Key;
import io.insula.tenantapi.controllers.Resources;
import io.insula.tenantapi.controllers.StatusWriter;
import io.insula.tenantapi.controllers.Store;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.view.Condition;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Signs approved requests to Kubernetes' own signers; what a signer may not sign gets the condition `Failed`.
/// Source: kubernetes, `pkg/controller/certificates/signer`.
final class CertificateSigning implements Controller {

    private static final Duration USUAL = Duration.ofDays(365);

    private final CertificateSigner signer;
    private final Clock clock;
    private final Store requests;
    private final StatusWriter statuses;

    private CertificateSigning(ControllerContext context) {
        this.signer = context.facts().signer();
        this.clock = context.clock();
        this.requests = context.store(Resources.CERTIFICATE_SIGNING_REQUESTS);
        ObjectClient client = context.client();
        this.statuses = new StatusWriter(client, Resources.CERTIFICATE_SIGNING_REQUESTS);
    }

    @Singleton
    static final class Factory implements ControllerFactory {
        @Override
        public String name() {
            return "certificate-controller";
        }

        @Override
        public Controller create(ControllerContext context) {
            return new CertificateSigning(context);
        }
    }

    @Override
    public ControllerSpec spec() {
        return ControllerSpec.of(Resources.CERTIFICATE_SIGNING_REQUESTS);
    }

    @Override
    public Outcome reconcile(Key key) {
        Optional<ObjectNode> found = requests.get(key);
        if (found.isEmpty() || signer.equals(CertificateSigner.NONE)) {
            return Outcome.SETTLED;
        }
        ObjectNode request = found.get();
        boolean wanted = Condition.isTrue(request, "Approved")
                && !Condition.isTrue(request, "Denied")
                && !Condition.isTrue(request, "Failed")
                && request.path("status").path("certificate").asText("").isEmpty()
                && SigningRules.isOurs(signerName(request));
        if (wanted) {
            sign(request);
        }
        return Outcome.SETTLED;
    }

    private void sign(ObjectNode request) {
        JsonNode spec = request.path("spec");
        String pem =
                new String(Base64.getMimeDecoder().decode(spec.path("request").asText()), StandardCharsets.UTF_8);
        Set<String> usages =
                spec.path("usages").valueStream().map(JsonNode::asText).collect(Collectors.toSet());
        Optional<String> refusal;
        try {
            Subject subject = signer.read(pem);
            refusal = SigningRules.refusal(signerName(request), subject, usages);
        } catch (IllegalArgumentException e) {
            refusal = Optional.of("unable to parse csr \"" + Meta.name(request) + "\": " + e.getMessage());
        }
        ObjectNode status = StatusWriter.statusOf(request);
        if (refusal.isPresent()) {
            Condition.set(status, "Failed", true, "SignerValidationFailure", refusal.get(), clock.instant());
        } else {
            Duration validity = spec.path("expirationSeconds").isNumber()
                    ? Duration.ofSeconds(spec.path("expirationSeconds").asLong())
                    : USUAL;
            String certificate = signer.sign(pem, usages, validity.compareTo(USUAL) > 0 ? USUAL : validity);
            status.put("certificate", Base64.getEncoder().encodeToString(certificate.getBytes(StandardCharsets.UTF_8)));
        }
        statuses.writeAsRead(request, status);
    }

    private static String signerName(JsonNode request) {
        return request.path("spec").path("signerName").asText();
    }
}
