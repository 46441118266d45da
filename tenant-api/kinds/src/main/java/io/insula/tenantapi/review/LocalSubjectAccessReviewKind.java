package io.insula.tenantapi.review;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.ReviewKind;
import io.insula.tenantapi.registry.WriteContext;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;

/// May this user do this in this namespace? Whoever may create it in a namespace may ask about that namespace only.
@Singleton
final class LocalSubjectAccessReviewKind implements ReviewKind {

    @Override
    public KindSpec spec() {
        return KindSpec.namespaced(
                        "authorization.k8s.io", "v1", "LocalSubjectAccessReview", "localsubjectaccessreviews")
                .verbs("create");
    }

    @Override
    public ObjectNode review(ObjectNode object, WriteContext context) {
        var spec = object.path("spec");
        List<FieldError> errors = new ArrayList<>(Reviews.checkTarget(spec));
        errors.addAll(Reviews.checkSubject(spec));
        if (spec.hasNonNull("nonResourceAttributes")) {
            errors.add(FieldError.invalid(
                    "spec.nonResourceAttributes",
                    spec.path("nonResourceAttributes"),
                    "disallowed on this kind of request"));
        }
        Reviews.refuse(spec().kind(), errors);
        String namespace = Meta.namespace(object);
        if (!spec.path("resourceAttributes").path("namespace").asText("").equals(namespace)) {
            throw ApiException.badRequest("spec.resourceAttributes.namespace must match namespace: " + namespace);
        }
        return Reviews.answer(
                object, context.services().authorizer().authorize(Reviews.attributes(Reviews.subject(spec), spec)));
    }
}
