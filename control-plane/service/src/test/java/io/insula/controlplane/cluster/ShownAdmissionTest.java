package io.insula.controlplane.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.controlplane.pki.ClusterPki;
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
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// A tenant's administrator wants to change what the host shows, or to look like it.
final class ShownAdmissionTest {

    private static final UserInfo MASTER =
            new UserInfo("admin", "", List.of(UserInfo.MASTERS, UserInfo.AUTHENTICATED), Map.of());
    private static final UserInfo SYNCER = new UserInfo(ClusterPki.SYNCER, "", List.of(ClusterPki.SYNCER), Map.of());
    private static final String SHOWN = "annotations: {insula.io/shown: h/1}";

    private final ShownAdmission admission = new ShownAdmission();

    @Test
    void refusesToChangeOrDeleteWhatIsShown() {
        refused(MASTER, Operation.UPDATE, "", object(SHOWN), object(SHOWN), "shown to be looked at only");
        refused(MASTER, Operation.UPDATE, "status", object(SHOWN), object(SHOWN), "shown to be looked at only");
        refused(MASTER, Operation.UPDATE, "", object("labels: {}"), object(SHOWN), "shown to be looked at only");
        refused(MASTER, Operation.DELETE, "", null, object(SHOWN), "shown to be looked at only");
        var named = new UserInfo(ClusterPki.SYNCER, "", List.of(UserInfo.MASTERS), Map.of());
        refused(named, Operation.DELETE, "", null, object(SHOWN), "shown to be looked at only");
    }

    @Test
    void refusesToLookLikeIt() {
        refused(MASTER, Operation.CREATE, "", object(SHOWN), null, "insula.io/shown");
        refused(MASTER, Operation.UPDATE, "", object(SHOWN), object("labels: {}"), "insula.io/shown");
    }

    @Test
    void letsTheSystemAndWhatIsNotShown() {
        for (var user : List.of(SYNCER, UserInfo.loopback(), UserInfo.controller("garbage-collector"))) {
            assertThatCode(() -> admission.validate(request(user, Operation.UPDATE, "", object(SHOWN), object(SHOWN))))
                    .doesNotThrowAnyException();
            assertThatCode(() -> admission.validate(request(user, Operation.DELETE, "", null, object(SHOWN))))
                    .doesNotThrowAnyException();
        }
        assertThatCode(() -> admission.validate(
                        request(MASTER, Operation.UPDATE, "", object("labels: {a: b}"), object("labels: {}"))))
                .doesNotThrowAnyException();
    }

    private void refused(
            UserInfo user,
            Operation operation,
            String subresource,
            @Nullable ObjectNode object,
            @Nullable ObjectNode old,
            String message) {
        assertThatExceptionOfType(ApiException.class)
                .isThrownBy(() -> admission.validate(request(user, operation, subresource, object, old)))
                .withMessageContaining(message)
                .satisfies(e -> assertThat(e.code()).isEqualTo(403));
    }

    private static ObjectNode object(String metadata) {
        return Serialization.unmarshal("metadata: {name: small, " + metadata + "}", ObjectNode.class);
    }

    private static Request request(
            UserInfo user,
            Operation operation,
            String subresource,
            @Nullable ObjectNode object,
            @Nullable ObjectNode old) {
        return new Request(
                operation,
                new GroupVersionResource("example.com", "v1", "offers"),
                new GroupVersionKind("example.com", "v1", "Offer"),
                subresource,
                "",
                "small",
                object,
                old,
                user,
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
