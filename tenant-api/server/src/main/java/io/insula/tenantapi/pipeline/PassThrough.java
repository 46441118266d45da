package io.insula.tenantapi.pipeline;

import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.auth.UserInfo;
import io.insula.tenantapi.http.HttpRequest;
import io.insula.tenantapi.http.HttpResponder;
import io.insula.tenantapi.registry.Target;

/// Answers what only the machine that runs a pod (or the network) can: log, exec, attach, portforward, proxy. The
/// request has been authorized and is recorded when it is answered.
@FunctionalInterface
public interface PassThrough {

    /// Nothing behind it: as upstream answers without any kubelet.
    PassThrough NONE = (request, info, user, target, responder) -> {
        throw ApiException.internal("error dialing backend: no node serves " + target.subresource(), null);
    };

    /// @throws ApiException to refuse, while nothing has been answered
    void handle(HttpRequest request, RequestInfo info, UserInfo user, Target target, HttpResponder responder);
}
