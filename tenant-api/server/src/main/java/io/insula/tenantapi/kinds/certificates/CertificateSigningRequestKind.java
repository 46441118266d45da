package io.insula.tenantapi.kinds.certificates;

import io.insula.tenantapi.api.GroupVersionKind;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.ResourceKind;
import jakarta.inject.Singleton;

@Singleton
final class CertificateSigningRequestKind implements ResourceKind {

    @Override
    public KindSpec spec() {
        return KindSpec.cluster("certificates.k8s.io", "v1", "CertificateSigningRequest", "certificatesigningrequests")
                .shortNames("csr")
                .withStatus()
                .subresource(
                        "approval",
                        new GroupVersionKind("certificates.k8s.io", "v1", "CertificateSigningRequest"),
                        "get",
                        "patch",
                        "update");
    }
}
