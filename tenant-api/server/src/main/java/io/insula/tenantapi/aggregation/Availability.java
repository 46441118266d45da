package io.insula.tenantapi.aggregation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.rules.keys.WellKnownKeys;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.auth.UserInfo;
import io.insula.tenantapi.egress.Destination;
import io.insula.tenantapi.egress.EgressException;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.ports.ObjectClient.Query;
import io.insula.tenantapi.view.Condition;
import io.insula.tenantapi.webhook.WebhookFailure;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/// Whether a server behind answers, and what it serves. Thread-safe; a look blocks its (virtual) thread for seconds
/// at most. Unlike upstream, the look verifies the server as requests do: this server tells nobody unverified who
/// it is.
/// Source: kube-aggregator, `controllers/status/remote/remote_available_controller.go`.
final class Availability {

    private static final UserInfo AGGREGATOR =
            new UserInfo("system:kube-aggregator", "", List.of(UserInfo.MASTERS), Map.of());
    private static final GroupVersionResource SERVICES = new GroupVersionResource("", "v1", "services");
    private static final GroupVersionResource SLICES =
            new GroupVersionResource("discovery.k8s.io", "v1", "endpointslices");

    private final Supplier<? extends ObjectClient> client;
    private final RemoteCalls calls;

    Availability(Supplier<? extends ObjectClient> client, RemoteCalls calls) {
        this.client = client;
        this.calls = calls;
    }

    /// @param status True, False or Unknown
    /// @param resources the APIResourceList; empty of fields where there was no answer
    record Finding(String status, String reason, String message, ObjectNode resources) {
        boolean isAvailable() {
            return status.equals(Condition.TRUE);
        }
    }

    /// Of what this server serves itself.
    static final Finding LOCAL = found("True", "Local", "Local APIServices are always available");

    Finding look(RemoteService remote) {
        try {
            return missing(remote).orElseGet(() -> ask(remote));
        } catch (ApiException e) {
            return found("Unknown", "ServiceAccessError", at(remote) + " cannot be checked due to: " + e.getMessage());
        }
    }

    /// What is not there that must be before anybody can answer.
    private Optional<Finding> missing(RemoteService remote) {
        RemoteService.Place place = remote.place();
        Optional<ObjectNode> service = client.get().get(SERVICES, place.namespace(), place.service());
        if (service.isEmpty()) {
            return Optional.of(found("False", "ServiceNotFound", at(remote) + " is not present"));
        }
        JsonNode spec = service.get().path("spec");
        if (!spec.path("type").asText("ClusterIP").equals("ClusterIP")) {
            return Optional.empty();
        }
        Optional<JsonNode> port = spec.path("ports")
                .valueStream()
                .filter(each -> each.path("port").asInt() == place.port())
                .findFirst();
        if (port.isEmpty()) {
            return Optional.of(
                    found("False", "ServicePortError", at(remote) + " is not listening on port " + place.port()));
        }
        return endpoints(remote, port.get().path("name").asText(""));
    }

    private Optional<Finding> endpoints(RemoteService remote, String portName) {
        RemoteService.Place place = remote.place();
        var query = new Query(WellKnownKeys.SERVICE_NAME + "=" + place.service(), "");
        List<ObjectNode> slices =
                client.get().list(SLICES, place.namespace(), query).items();
        if (slices.isEmpty()) {
            return Optional.of(found("False", "EndpointsNotFound", "cannot find endpointslices for " + at(remote)));
        }
        boolean active = slices.stream().anyMatch(slice -> isActive(slice, portName));
        return active
                ? Optional.empty()
                : Optional.of(found(
                        "False",
                        "MissingEndpoints",
                        "endpointslices for " + at(remote) + " have no addresses with port name \"" + portName + "\""));
    }

    private static boolean isActive(JsonNode slice, String portName) {
        return slice.path("endpoints")
                        .valueStream()
                        .anyMatch(endpoint ->
                                endpoint.path("conditions").path("ready").asBoolean(true))
                && slice.path("ports")
                        .valueStream()
                        .anyMatch(port -> port.path("name").asText("").equals(portName) && port.has("port"));
    }

    private Finding ask(RemoteService remote) {
        String path = "/apis/" + remote.group() + "/" + remote.version();
        String shown = "https://" + remote.place().host() + ":" + remote.place().port() + path;
        try {
            Destination.At to = calls.resolve(remote);
            shown = "https://" + (to.address().isIpv4() ? to.address() : "[" + to.address() + "]") + ":" + to.port()
                    + path;
            RemoteCalls.Told answer = calls.get(remote, to, path, AGGREGATOR, "");
            if (answer.status() / 100 != 2) {
                return failed(shown, "bad status from " + shown + ": " + answer.status());
            }
            return new Finding("True", "Passed", "all checks passed", resources(answer.body()));
        } catch (WebhookFailure e) {
            return failed(shown, e.text());
        } catch (EgressException e) {
            return failed(shown, "Get \"" + shown + "\": " + e.text());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return failed(shown, "context canceled");
        }
    }

    /// A server that answers but tells nothing is available with no resources.
    private static ObjectNode resources(byte[] body) {
        try {
            return Json.MAPPER.readTree(body) instanceof ObjectNode list ? list : Json.object();
        } catch (IOException e) {
            return Json.object();
        }
    }

    private static Finding failed(String url, String why) {
        return found("False", "FailedDiscoveryCheck", "failing or missing response from " + url + ": " + why);
    }

    private static Finding found(String status, String reason, String message) {
        return new Finding(status, reason, message, Json.object());
    }

    private static String at(RemoteService remote) {
        return "service/" + remote.place().service() + " in \"" + remote.place().namespace() + "\"";
    }

    /// The status that says so; empty when it says so already.
    static Optional<ObjectNode> patch(JsonNode apiService, Finding finding, Instant now) {
        ObjectNode status = apiService.path("status") instanceof ObjectNode told ? told.deepCopy() : Json.object();
        if (!Condition.set(status, "Available", finding.status(), finding.reason(), finding.message(), now)) {
            return Optional.empty();
        }
        ObjectNode patch = Json.object();
        patch.putObject("metadata").put("uid", Meta.uid(apiService));
        patch.putObject("status").set(Condition.LIST, Condition.listIn(status));
        return Optional.of(patch);
    }
}
