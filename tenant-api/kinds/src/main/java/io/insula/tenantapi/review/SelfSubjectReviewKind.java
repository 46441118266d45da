package io.insula.tenantapi.review;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.ReviewKind;
import io.insula.tenantapi.registry.WriteContext;
import jakarta.inject.Singleton;

/// Who am I? `kubectl auth whoami`.
@Singleton
final class SelfSubjectReviewKind implements ReviewKind {

    @Override
    public KindSpec spec() {
        return KindSpec.cluster("authentication.k8s.io", "v1", "SelfSubjectReview", "selfsubjectreviews")
                .verbs("create");
    }

    @Override
    public ObjectNode review(ObjectNode object, WriteContext context) {
        object.putObject("status").set("userInfo", Reviews.show(context.user()));
        return object;
    }
}
