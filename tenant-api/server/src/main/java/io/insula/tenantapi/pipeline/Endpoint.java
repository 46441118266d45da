package io.insula.tenantapi.pipeline;

import io.insula.tenantapi.http.HttpRequest;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Answers some of the paths that are no resources. Stateless.
@FunctionalInterface
public interface Endpoint {

    /// The answer; empty when the path is not this endpoint's.
    ///
    /// @throws io.insula.tenantapi.api.ApiException to refuse
    Optional<Reply> answer(HttpRequest request);

    /// @param headers beside Content-Type
    record Reply(int status, String contentType, byte[] body, Map<String, List<String>> headers) {
        public Reply {
            headers = Map.copyOf(headers);
        }
    }
}
