package io.insula.controlplane.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionKind;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.auth.Authorizer;
import io.insula.tenantapi.auth.UserInfo;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.registry.AdmissionPlugin.Operation;
import io.insula.tenantapi.registry.AdmissionPlugin.Request;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// A tenant wants the traffic for an address that is not its own.
final class ServiceAdmissionTest {

    private static final GroupVersionResource SERVICES = new GroupVersionResource("", "v1", "services");
    private static final String TAKEN = "externalIPs: [192.0.2.1]";

    private final ServiceAdmission admission = new ServiceAdmission();

    @Test
    void refusesAddressesOnCreateNamingTheField() {
        assertRefused(Operation.CREATE, service(TAKEN), null);
        assertRefused(Operation.CREATE, service("externalIPs: ['2001:db8::1']"), null);
        assertThatCode(() ->
                        admission.validate(request(Operation.CREATE, SERVICES, service("type: LoadBalancer"), null)))
                .doesNotThrowAnyException();
        assertThatCode(() -> admission.validate(request(Operation.CREATE, SERVICES, service("externalIPs: []"), null)))
                .doesNotThrowAnyException();
    }

    @Test
    void refusesToAddOneToAServiceThatIsThere() {
        assertRefused(Operation.UPDATE, service(TAKEN), service("type: ClusterIP"));
        assertRefused(Operation.UPDATE, service("externalIPs: [192.0.2.1, 192.0.2.2]"), service(TAKEN));
        assertRefused(Operation.UPDATE, service("externalIPs: [192.0.2.2]"), service(TAKEN));
    }

    /// What is there already may stay, or such a Service could be neither changed nor deleted.
    @Test
    void letsAServiceBeChangedThatHasOneAlready() {
        for (String kept : new String[] {TAKEN, "type: ClusterIP", TAKEN + ", type: NodePort"}) {
            assertThatCode(() -> admission.validate(request(
                            Operation.UPDATE, SERVICES, service(kept), service("externalIPs: [192.0.2.2, 192.0.2.1]"))))
                    .as(kept)
                    .doesNotThrowAnyException();
        }
    }

    /// A custom resource may be called the same, and have a field of that name.
    @Test
    void looksAtServicesOnly() {
        var others = new GroupVersionResource("example.com", "v1", "services");
        assertThatCode(() -> admission.validate(request(Operation.CREATE, others, service(TAKEN), null)))
                .doesNotThrowAnyException();
        assertThat(admission.spec().operations()).containsExactlyInAnyOrder(Operation.CREATE, Operation.UPDATE);
    }

    private void assertRefused(Operation operation, ObjectNode service, @Nullable ObjectNode old) {
        assertThatExceptionOfType(ApiException.class)
                .isThrownBy(() -> admission.validate(request(operation, SERVICES, service, old)))
                .withMessageContaining("spec.externalIPs: Forbidden")
                .satisfies(e -> assertThat(e.code()).isEqualTo(422));
    }

    private static ObjectNode service(String spec) {
        return Serialization.unmarshal(
                "metadata: {name: web, namespace: shop}\nspec: {" + spec + "}", ObjectNode.class);
    }

    private static Request request(
            Operation operation, GroupVersionResource resource, ObjectNode service, @Nullable ObjectNode old) {
        return new Request(
                operation,
                resource,
                new GroupVersionKind(resource.group(), "v1", "Service"),
                "",
                "shop",
                "web",
                service,
                old,
                UserInfo.loopback(),
                false,
                UNUSED,
                _ -> Authorizer.Decision.NO_OPINION,
                new ArrayList<>(),
                (_, _) -> {});
    }

    private static final ObjectClient UNUSED = (ObjectClient) Proxy.newProxyInstance(
            ObjectClient.class.getClassLoader(), new Class<?>[] {ObjectClient.class}, (_, method, _) -> {
                throw new UnsupportedOperationException(method.getName());
            });
}
