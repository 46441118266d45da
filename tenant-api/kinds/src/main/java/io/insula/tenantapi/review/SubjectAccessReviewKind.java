package io.insula.tenantapi.review;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.ReviewKind;
import io.insula.tenantapi.registry.WriteContext;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;

/// May this user do this?
@Singleton
final class SubjectAccessReviewKind implements ReviewKind {

    @Override
    public KindSpec spec() {
        return KindSpec.cluster("authorization.k8s.io", "v1", "SubjectAccessReview", "subjectaccessreviews")
                .verbs("create");
    }

    @Override
    public ObjectNode review(ObjectNode object, WriteContext context) {
        var spec = object.path("spec");
        List<FieldError> errors = new ArrayList<>(Reviews.checkTarget(spec));
        errors.addAll(Reviews.checkSubject(spec));
        Reviews.refuse(spec().kind(), errors);
        return Reviews.answer(
                object, context.services().authorizer().authorize(Reviews.attributes(Reviews.subject(spec), spec)));
    }
}
