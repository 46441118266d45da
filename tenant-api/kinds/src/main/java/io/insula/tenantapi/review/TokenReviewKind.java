package io.insula.tenantapi.review;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.ReviewKind;
import io.insula.tenantapi.registry.WriteContext;
import jakarta.inject.Singleton;
import java.util.List;

/// Whose token is this? A bad token is an answer, not an error.
@Singleton
final class TokenReviewKind implements ReviewKind {

    @Override
    public KindSpec spec() {
        return KindSpec.cluster("authentication.k8s.io", "v1", "TokenReview", "tokenreviews")
                .verbs("create");
    }

    @Override
    public ObjectNode review(ObjectNode object, WriteContext context) {
        String token = object.path("spec").path("token").asText("");
        if (token.isEmpty()) {
            throw ApiException.badRequest("token is required for TokenReview in authentication");
        }
        List<String> audiences = Reviews.texts(object.path("spec").path("audiences"));
        ObjectNode status = object.putObject("status");
        try {
            var verified = context.services().tokens().authenticate(token, audiences);
            if (verified.isEmpty()) {
                status.putObject("user");
                return object;
            }
            status.put("authenticated", true)
                    .set("user", Reviews.show(verified.get().user()));
            Reviews.addAll(status, "audiences", verified.get().audiences());
        } catch (ApiException e) {
            if (e.code() != 401) {
                throw e;
            }
            status.putObject("user");
            status.put("error", e.getMessage());
        }
        return object;
    }
}
