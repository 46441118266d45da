package io.insula.tenantapi.review;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.ReviewKind;
import io.insula.tenantapi.registry.WriteContext;
import jakarta.inject.Singleton;

/// May I do this?
@Singleton
final class SelfSubjectAccessReviewKind implements ReviewKind {

    @Override
    public KindSpec spec() {
        return KindSpec.cluster("authorization.k8s.io", "v1", "SelfSubjectAccessReview", "selfsubjectaccessreviews")
                .verbs("create");
    }

    @Override
    public ObjectNode review(ObjectNode object, WriteContext context) {
        var spec = object.path("spec");
        Reviews.refuse(spec().kind(), Reviews.checkTarget(spec));
        return Reviews.answer(
                object, context.services().authorizer().authorize(Reviews.attributes(context.user(), spec)));
    }
}
