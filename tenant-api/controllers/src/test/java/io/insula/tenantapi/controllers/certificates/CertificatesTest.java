package io.insula.tenantapi.controllers.certificates;

import static io.insula.tenantapi.controllers.RealCluster.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.conformance.Conformance;
import io.insula.tenantapi.controllers.CertificateSigner;
import io.insula.tenantapi.controllers.CertificateSigner.Subject;
import io.insula.tenantapi.controllers.ClusterFacts;
import io.insula.tenantapi.controllers.ManagerFixture;
import io.insula.tenantapi.controllers.RealCluster;
import io.insula.tenantapi.controllers.Resources;
import io.insula.tenantapi.controllers.ShiftedClock;
import io.insula.tenantapi.view.Condition;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x500.style.IETFUtils;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CertificatesTest {

    private static final String CLIENT = "[client auth, digital signature]";

    private final ShiftedClock clock = new ShiftedClock();
    private RealCluster cluster;

    /// Reads requests; its certificates say for whom and how long they are.
    private record PlainSigner() implements CertificateSigner {
        @Override
        public Subject read(String requestPem) {
            try (var parser = new PEMParser(new StringReader(requestPem))) {
                X500Name subject = ((PKCS10CertificationRequest) parser.readObject()).getSubject();
                return new Subject(
                        text(subject, BCStyle.CN), List.of(text(subject, BCStyle.O)), List.of(), List.of(), false);
            } catch (IOException e) {
                throw new IllegalArgumentException(e);
            }
        }

        @Override
        public String sign(String requestPem, Set<String> usages, Duration validity) {
            byte[] text = (read(requestPem) + " " + validity).getBytes(StandardCharsets.UTF_8);
            return "-----BEGIN CERTIFICATE-----\n" + Base64.getEncoder().encodeToString(text)
                    + "\n-----END CERTIFICATE-----\n";
        }

        private static String text(X500Name subject, ASN1ObjectIdentifier part) {
            return IETFUtils.valueToString(subject.getRDNs(part)[0].getFirst().getValue());
        }
    }

    private static String pkcs10(String subject) {
        try {
            var generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(256);
            KeyPair keys = generator.generateKeyPair();
            var request = new JcaPKCS10CertificationRequestBuilder(new X500Name(subject), keys.getPublic())
                    .build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate()));
            var text = new StringWriter();
            try (var writer = new JcaPEMWriter(text)) {
                writer.writeObject(request);
            }
            return text.toString();
        } catch (GeneralSecurityException | OperatorCreationException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @BeforeAll
    void start() {
        cluster = RealCluster.with(clock, new ClusterFacts(ManagerFixture.ROOT_CA, new PlainSigner()));
    }

    @AfterAll
    void stop() {
        cluster.close();
    }

    @Test
    @Conformance(
            value =
                    "[sig-auth] Certificates API [Privileged:ClusterAdmin] should support CSR API operations [Conformance]",
            weaker = Conformance.NOTHING)
    void signsAnApprovedRequest() {
        request("alice", "O=dev,CN=alice", SigningRules.CLIENT, CLIENT);
        assertThat(certificate("alice")).isEmpty();
        approve("alice");
        await("the certificate", () -> !certificate("alice").isEmpty());
        assertThat(new String(Base64.getDecoder().decode(certificate("alice")), StandardCharsets.UTF_8))
                .startsWith("-----BEGIN CERTIFICATE-----");
        cluster.delete(Resources.CERTIFICATE_SIGNING_REQUESTS, "", "alice");
        assertThat(cluster.has(Resources.CERTIFICATE_SIGNING_REQUESTS, "", "alice"))
                .isFalse();
    }

    @Test
    void refusesUsagesThatTheSignerDoesNotGive() {
        request("eve", "O=dev,CN=eve", SigningRules.CLIENT, "[client auth, server auth]");
        approve("eve");
        await("the failure", () -> Condition.isTrue(find("eve"), "Failed"));
        assertThat(Condition.of(find("eve"), "Failed").reason()).isEqualTo("SignerValidationFailure");
        assertThat(certificate("eve")).isEmpty();
    }

    @Test
    void leavesOtherSignersRequestsAlone() {
        request("other", "O=y,CN=x", "example.com/signer", CLIENT);
        approve("other");
        request("marker", "O=dev,CN=marker", SigningRules.CLIENT, CLIENT);
        approve("marker");
        await("a later certificate", () -> !certificate("marker").isEmpty());
        assertThat(certificate("other")).isEmpty();
    }

    @Test
    void approvesAKubeletOfItself() {
        request("node", "O=system:nodes,CN=system:node:one", SigningRules.KUBELET_CLIENT, CLIENT);
        await("the certificate", () -> !certificate("node").isEmpty());
        assertThat(Condition.of(find("node"), "Approved").reason()).isEqualTo("AutoApproved");
    }

    @Test
    void deletesOldRequests() {
        request("old", "O=dev,CN=old", SigningRules.CLIENT, CLIENT);
        approve("old");
        await("the certificate", () -> !certificate("old").isEmpty());
        clock.advance(Duration.ofMinutes(61));
        cluster.patch(Resources.CERTIFICATE_SIGNING_REQUESTS, "", "old", "{metadata: {labels: {a: b}}}");
        await("it to go", () -> !cluster.has(Resources.CERTIFICATE_SIGNING_REQUESTS, "", "old"));
    }

    @Test
    void knowsWhatEachSignerSigns() {
        var kubelet = new Subject("system:node:n", List.of("system:nodes"), List.of(), List.of(), false);
        var serving = new Subject("system:node:n", List.of("system:nodes"), List.of("n"), List.of(), false);
        Set<String> client = Set.of("client auth", "digital signature");
        Set<String> server = Set.of("server auth", "digital signature", "key encipherment");
        assertThat(SigningRules.refusal(SigningRules.KUBELET_CLIENT, kubelet, client))
                .isEmpty();
        assertThat(SigningRules.refusal(SigningRules.KUBELET_CLIENT, serving, client))
                .isPresent();
        assertThat(SigningRules.refusal(SigningRules.KUBELET_SERVING, serving, server))
                .isEmpty();
        assertThat(SigningRules.refusal(SigningRules.KUBELET_SERVING, kubelet, server))
                .isPresent();
        assertThat(SigningRules.refusal(SigningRules.KUBELET_SERVING, serving, client))
                .isPresent();
        var stranger = new Subject("system:node:n", List.of("other"), List.of(), List.of(), false);
        assertThat(SigningRules.refusal(SigningRules.KUBELET_CLIENT, stranger, client))
                .contains("subject organization is not system:nodes");
    }

    private void request(String name, String subject, String signer, String usages) {
        cluster.create(
                Resources.CERTIFICATE_SIGNING_REQUESTS,
                "",
                "{apiVersion: certificates.k8s.io/v1, kind: CertificateSigningRequest, metadata: {name: " + name
                        + "}, spec: {signerName: " + signer + ", usages: " + usages + ", request: "
                        + Base64.getEncoder().encodeToString(pkcs10(subject).getBytes(StandardCharsets.UTF_8)) + "}}");
    }

    private void approve(String name) {
        ObjectNode request = find(name);
        request.withObjectProperty("status")
                .withArrayProperty("conditions")
                .addObject()
                .put("type", "Approved")
                .put("status", "True")
                .put("reason", "Test")
                .put("lastUpdateTime", Meta.timestamp(clock.instant()));
        cluster.client.update(Resources.CERTIFICATE_SIGNING_REQUESTS, "", "approval", request);
    }

    private ObjectNode find(String name) {
        return cluster.get(Resources.CERTIFICATE_SIGNING_REQUESTS, "", name);
    }

    private String certificate(String name) {
        return cluster.at(Resources.CERTIFICATE_SIGNING_REQUESTS, "", name, "/status/certificate")
                .asText("");
    }
}
