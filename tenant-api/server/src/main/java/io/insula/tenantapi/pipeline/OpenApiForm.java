package io.insula.tenantapi.pipeline;

import io.insula.tenantapi.wire.Negotiation;
import io.insula.tenantapi.wire.Negotiation.Clause;
import java.util.List;
import java.util.Optional;

/// The forms of an OpenAPI document, and how clients ask for them. Source: kube-openapi, `pkg/handler/handler.go`.
enum OpenApiForm {
    JSON("application/json"),
    /// `@` is no character of a media type: clients may ask by it, answers have a dot.
    PROTOBUF("application/com.github.proto-openapi.spec.v2.v1.0+protobuf");

    private static final String PROTOBUF_OF_OLD = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";

    private final String contentType;

    OpenApiForm(String contentType) {
        this.contentType = contentType;
    }

    String contentType() {
        return contentType;
    }

    /// The first form of the client's list that there is; empty where there is none.
    ///
    /// @param protobuf whether the document has that form
    static Optional<OpenApiForm> choose(List<String> accept, boolean protobuf) {
        return Negotiation.clauses(accept).stream()
                .filter(clause -> clause.quality() > 0)
                .flatMap(clause -> of(clause).stream())
                .filter(form -> protobuf || form == JSON)
                .findFirst();
    }

    private static Optional<OpenApiForm> of(Clause clause) {
        String type = clause.type();
        if (type.equals("*/*") || type.equals("application/*") || type.equals(JSON.contentType)) {
            return Optional.of(JSON);
        }
        return type.equals(PROTOBUF.contentType) || type.equals(PROTOBUF_OF_OLD)
                ? Optional.of(PROTOBUF)
                : Optional.empty();
    }
}
