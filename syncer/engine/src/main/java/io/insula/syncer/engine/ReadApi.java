package io.insula.syncer.engine;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/// One API server for those who only look. Thread-safe; every call has a deadline.
interface ReadApi {

    /// Empty for 404.
    ///
    /// @throws Api.ApiFailure for every other failure
    Optional<JsonNode> get(String path);
}
