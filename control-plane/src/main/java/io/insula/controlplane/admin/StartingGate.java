package io.insula.controlplane.admin;

import io.micronaut.core.order.Ordered;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.RequestFilter;
import io.micronaut.http.annotation.ServerFilter;
import org.jspecify.annotations.Nullable;

/// Answers for the routes until there is something behind them. Runs after [AdminGate]: strangers learn nothing of
/// the start either.
@ServerFilter("/**")
final class StartingGate implements Ordered {

    private final StartUp startUp;

    StartingGate(StartUp startUp) {
        this.startUp = startUp;
    }

    @Override
    public int getOrder() {
        return 100;
    }

    @RequestFilter
    @Nullable
    HttpResponse<?> answer(HttpRequest<?> request) {
        if (startUp.isServing() || request.getPath().equals("/openapi.json")) {
            return null;
        }
        if (request.getMethodName().equals("GET") && request.getPath().equals("/v1/status")) {
            return HttpResponse.ok(startUp.status().toString()).contentType(MediaType.APPLICATION_JSON_TYPE);
        }
        return AdminErrors.problem(
                503,
                "Service Unavailable",
                "the service is starting and waits for " + startUp.waitsFor()
                        + "; `insula status` tells how far it is; try again in a moment");
    }
}
