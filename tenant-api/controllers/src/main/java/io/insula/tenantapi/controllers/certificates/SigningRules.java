package io.insula.tenantapi.controllers.certificates;

import io.insula.rules.keys.WellKnownKeys;
import io.insula.tenantapi.controllers.CertificateSigner.Subject;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What each of Kubernetes' own signers signs. Pure. Source: Kubernetes documentation, "Certificate Signing Requests",
/// Kubernetes signers; kubernetes, `pkg/controller/certificates/signer/signer.go`.
final class SigningRules {

    static final String CLIENT = WellKnownKeys.CLIENT_SIGNER;
    static final String KUBELET_CLIENT = "kubernetes.io/kube-apiserver-client-kubelet";
    static final String KUBELET_SERVING = WellKnownKeys.KUBELET_SERVING;
    private static final String LEGACY = "kubernetes.io/legacy-unknown";

    private static final Set<String> CLIENT_USAGES = Set.of("client auth", "digital signature", "key encipherment");
    private static final Set<String> SERVING_USAGES = Set.of("server auth", "digital signature", "key encipherment");
    private static final String NODE = "system:node:";

    private SigningRules() {}

    static boolean isOurs(String signer) {
        return Set.of(CLIENT, KUBELET_CLIENT, KUBELET_SERVING, LEGACY).contains(signer);
    }

    /// Why a request may not be signed; empty where it may.
    static Optional<String> refusal(String signer, Subject subject, Set<String> usages) {
        return switch (signer) {
            case CLIENT ->
                check(
                        within(usages, "client auth", CLIENT_USAGES),
                        "invalid usages for client certificate: "
                                + usages.stream().sorted().toList());
            case KUBELET_CLIENT ->
                node(subject)
                        .or(() -> check(
                                subject.dnsNames().isEmpty()
                                        && subject.ipAddresses().isEmpty()
                                        && !subject.otherNames(),
                                "subjectAltNames are not allowed"))
                        .or(() -> check(
                                kubeletUsages(usages, CLIENT_USAGES),
                                "usages did not match "
                                        + CLIENT_USAGES.stream().sorted().toList()));
            case KUBELET_SERVING ->
                node(subject)
                        .or(() -> check(
                                !subject.dnsNames().isEmpty()
                                        || !subject.ipAddresses().isEmpty(),
                                "DNS or IP subjectAltName is required"))
                        .or(() -> check(!subject.otherNames(), "email and URI subjectAltNames are not allowed"))
                        .or(() -> check(
                                kubeletUsages(usages, SERVING_USAGES),
                                "usages did not match "
                                        + SERVING_USAGES.stream().sorted().toList()));
            default -> Optional.empty();
        };
    }

    private static Optional<String> node(Subject subject) {
        return check(
                        subject.organizations().equals(List.of("system:nodes")),
                        "subject organization is not system:nodes")
                .or(() -> check(
                        subject.commonName().startsWith(NODE), "subject common name does not begin with " + NODE));
    }

    private static boolean within(Set<String> usages, String required, Set<String> allowed) {
        return usages.contains(required) && allowed.containsAll(usages);
    }

    /// Key encipherment is for RSA keys, and optional.
    private static boolean kubeletUsages(Set<String> usages, Set<String> full) {
        return full.containsAll(usages)
                && usages.size() >= full.size() - 1
                && usages.stream().anyMatch(usage -> usage.endsWith(" auth"))
                && usages.contains("digital signature");
    }

    private static Optional<String> check(boolean holds, String otherwise) {
        return holds ? Optional.empty() : Optional.of(otherwise);
    }
}
