package io.insula.tenantapi.aggregation;

import io.insula.tenantapi.auth.UserInfo;
import io.insula.tenantapi.egress.Answer;
import io.insula.tenantapi.egress.Destination;
import io.insula.tenantapi.egress.Egress;
import io.insula.tenantapi.egress.EgressException;
import io.insula.tenantapi.egress.OutgoingRequest;
import io.insula.tenantapi.egress.Trust;
import io.insula.tenantapi.webhook.ServiceResolver;
import io.insula.tenantapi.webhook.WebhookFailure;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// How a server behind is called: through its Service, verified by its caBundle, with this server's front-proxy
/// certificate and the user in headers. Immutable. Source: kube-aggregator, `pkg/apiserver/handler_proxy.go`;
/// client-go, `transport/round_trippers.go` (SetAuthProxyHeaders).
record RemoteCalls(Egress egress, ServiceResolver services) {

    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final int MAX_ANSWER = 4 * 1024 * 1024;

    /// What a server behind told of itself.
    ///
    /// @param etag empty where it named none
    record Told(int status, String etag, byte[] body) {}

    /// A place on the server behind; the host is the name by which it is known.
    URI url(RemoteService remote, String pathAndQuery) {
        RemoteService.Place place = remote.place();
        return URI.create("https://" + place.host() + ":" + place.port() + pathAndQuery);
    }

    /// Where the Service is reached now.
    ///
    /// @throws WebhookFailure when it is not there
    Destination.At resolve(RemoteService remote) {
        RemoteService.Place place = remote.place();
        return services.resolve(place.namespace(), place.service(), place.port());
    }

    /// Sends a request on and returns when its answer begins.
    ///
    /// @throws WebhookFailure when the Service is not there, or the caBundle of no use
    /// @throws EgressException when there is no answer
    Answer send(RemoteService remote, OutgoingRequest request, Duration patience)
            throws EgressException, InterruptedException {
        return egress.send(request, resolve(remote), trust(remote), patience);
    }

    /// Asks as a user of this server's choice.
    ///
    /// @param to what [#resolve] told
    /// @param etag of what is known; empty for none
    /// @throws WebhookFailure when the caBundle is of no use
    /// @throws EgressException also when the answer takes more than a few seconds, or megabytes
    Told get(RemoteService remote, Destination to, String path, UserInfo user, String etag)
            throws EgressException, InterruptedException {
        var headers = new LinkedHashMap<String, List<String>>();
        headers.put("Accept", List.of("application/json"));
        if (!etag.isEmpty()) {
            headers.put("If-None-Match", List.of(etag));
        }
        identify(headers, user);
        return whole(remote, to, new OutgoingRequest("GET", url(remote, path), headers, new byte[0]));
    }

    /// Deletes as a user of this server's choice.
    ///
    /// @param options JSON
    /// @throws WebhookFailure as [#get]
    /// @throws EgressException as [#get]
    Told delete(RemoteService remote, Destination to, String path, UserInfo user, byte[] options)
            throws EgressException, InterruptedException {
        var headers = new LinkedHashMap<String, List<String>>();
        headers.put("Accept", List.of("application/json"));
        headers.put("Content-Type", List.of("application/json"));
        identify(headers, user);
        return whole(remote, to, new OutgoingRequest("DELETE", url(remote, path), headers, options));
    }

    private Told whole(RemoteService remote, Destination to, OutgoingRequest request)
            throws EgressException, InterruptedException {
        return egress.call(
                request,
                to,
                trust(remote),
                TIMEOUT,
                answer -> new Told(answer.status(), answer.header("etag").orElse(""), answer.whole(MAX_ANSWER)));
    }

    private static Trust trust(RemoteService remote) {
        if (remote.insecure()) {
            return Trust.anybody();
        }
        try {
            return Trust.in(Base64.getDecoder().decode(remote.caBundle()));
        } catch (IllegalArgumentException e) {
            throw new WebhookFailure("unable to load root certificates: unable to parse bytes as PEM block");
        }
    }

    static void identify(Map<String, List<String>> headers, UserInfo user) {
        headers.put("X-Remote-User", List.of(user.name()));
        if (!user.uid().isEmpty()) {
            headers.put("X-Remote-Uid", List.of(user.uid()));
        }
        if (!user.groups().isEmpty()) {
            headers.put("X-Remote-Group", user.groups());
        }
        user.extra().forEach((key, values) -> headers.put("X-Remote-Extra-" + escaped(key), values));
    }

    /// A header's name takes few characters: all others are percent-encoded.
    private static String escaped(String key) {
        var text = new StringBuilder();
        for (byte each : key.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (each & 0xff);
            boolean plain = (c >= 'a' && c <= 'z')
                    || (c >= 'A' && c <= 'Z')
                    || (c >= '0' && c <= '9')
                    || "!#$&'*+-.^_`|~".indexOf(c) >= 0;
            if (plain) {
                text.append(c);
            } else {
                text.append(String.format("%%%02X", each & 0xff));
            }
        }
        return text.toString();
    }
}
