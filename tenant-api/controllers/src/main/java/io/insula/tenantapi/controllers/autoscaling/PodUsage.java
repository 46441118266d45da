package io.insula.tenantapi.controllers.autoscaling;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.rules.resources.Quantity;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.ports.ObjectClient.Query;
import io.insula.tenantapi.ports.ObjectClient.ResourceInfo;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Reads what pods use from the resource metrics API.
///
/// @param client the API as the autoscaler
record PodUsage(ObjectClient client) {

    /// Thousandths of the resource's unit by pod name; pods without a sample are left out.
    ///
    /// @param container only this one, or empty for all
    /// @throws MetricsUnavailable where the API is not served or has no sample
    Map<String, Long> milli(String resource, String namespace, String container) throws MetricsUnavailable {
        Optional<ResourceInfo> api = client.resources().stream()
                .filter(info -> info.resource().group().equals("metrics.k8s.io")
                        && info.resource().resource().equals("pods"))
                .findFirst();
        String failure = "unable to get metrics for resource " + resource + ": ";
        if (api.isEmpty()) {
            throw new MetricsUnavailable(
                    "FailedGetResourceMetric",
                    failure
                            + "unable to fetch metrics from resource metrics API: the server could not find the requested"
                            + " resource (get pods.metrics.k8s.io)");
        }
        var usage = new HashMap<String, Long>();
        for (ObjectNode sample : samples(api.get(), namespace, failure)) {
            long sum = 0;
            boolean complete = true;
            for (JsonNode one : sample.path("containers")) {
                if (container.isEmpty() || container.equals(one.path("name").asText())) {
                    complete &= one.path("usage").has(resource);
                    sum += Quantity.orZero(one.path("usage").path(resource).asText())
                            .milliValue();
                }
            }
            if (complete) {
                usage.put(Meta.name(sample), sum);
            }
        }
        if (usage.isEmpty()) {
            throw new MetricsUnavailable(
                    "FailedGetResourceMetric", failure + "no metrics returned from resource metrics API");
        }
        return usage;
    }

    private List<ObjectNode> samples(ResourceInfo api, String namespace, String failure) throws MetricsUnavailable {
        try {
            return client.list(api.resource(), namespace, Query.ALL).items();
        } catch (ApiException e) {
            throw new MetricsUnavailable(
                    "FailedGetResourceMetric",
                    failure + "unable to fetch metrics from resource metrics API: " + e.getMessage());
        }
    }
}
