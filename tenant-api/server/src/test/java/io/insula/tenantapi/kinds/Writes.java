package io.insula.tenantapi.kinds;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.auth.Authorizer;
import io.insula.tenantapi.auth.ServiceAccountTokens;
import io.insula.tenantapi.auth.UserInfo;
import io.insula.tenantapi.fake.FakeObjectClient;
import io.insula.tenantapi.registry.ServerServices;
import io.insula.tenantapi.registry.StoredKind;
import io.insula.tenantapi.registry.WriteContext;
import io.insula.tenantapi.service.ClusterIps;
import io.insula.tenantapi.service.RangeClusterIps;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// Runs one kind's hooks in the engine's order, over a fake client.
final class Writes {

    static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    final FakeObjectClient client = new FakeObjectClient();
    private final StoredKind kind;

    Writes(String apiVersion, String kind) {
        this.kind = AllKinds.find(apiVersion, kind);
    }

    WriteContext context(String subresource) {
        var ips = new RangeClusterIps(() -> client, RangeClusterIps.DEFAULT_CIDR, Clock.systemUTC());
        return new WriteContext(
                UserInfo.loopback(), subresource, false, NOW, client, new Services(ips), new ArrayList<>());
    }

    ObjectNode defaulted(String yaml) {
        ObjectNode object = FakeObjectClient.yaml(yaml);
        kind.applyDefaults(object);
        return object;
    }

    ObjectNode prepared(String yaml) {
        ObjectNode object = defaulted(yaml);
        kind.prepareForCreate(object, context(""));
        return object;
    }

    List<String> createErrors(String yaml) {
        return texts(kind.validateCreate(prepared(yaml), context("")));
    }

    /// The findings for a change of `current`, both being complete objects.
    List<String> updateErrors(String wanted, String current) {
        ObjectNode old = prepared(current);
        ObjectNode changed = defaulted(wanted);
        kind.prepareForUpdate(changed, old, context(""));
        return texts(kind.validateUpdate(changed, old, context("")));
    }

    StoredKind kind() {
        return kind;
    }

    private static List<String> texts(List<FieldError> errors) {
        return errors.stream().map(FieldError::toString).toList();
    }

    private record Services(ClusterIps clusterIps) implements ServerServices {
        @Override
        public Authorizer authorizer() {
            return attributes -> new Authorizer.Decision(true, "test");
        }

        @Override
        public ServiceAccountTokens serviceAccountTokens() {
            return (namespace, name, uid, audiences, seconds, bound) ->
                    new ServiceAccountTokens.Issued(namespace + "/" + name + bound, NOW.plusSeconds(seconds));
        }
    }
}
