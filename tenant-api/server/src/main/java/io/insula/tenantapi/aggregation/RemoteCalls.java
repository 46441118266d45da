package io.insula.tenantapi.aggregation;

import io.insula.tenantapi.auth.UserInfo;
import io.insula.tenantapi.webhook.HttpClients;
import io.insula.tenantapi.webhook.ServiceResolver;
import io.insula.tenantapi.webhook.WebhookFailure;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscribers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;

/// How a server behind is called: through its Service, verified by its caBundle, with this server's front-proxy
/// certificate and the user in headers. Immutable. Source: kube-aggregator, `pkg/apiserver/handler_proxy.go`;
/// client-go, `transport/round_trippers.go` (SetAuthProxyHeaders).
record RemoteCalls(HttpClients clients, ServiceResolver services) {

    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final int MAX_ANSWER = 4 * 1024 * 1024;

    /// Where the Service is reached now.
    ///
    /// @throws WebhookFailure when it is not there, or not to be reached
    URI resolve(RemoteService remote, String pathAndQuery) {
        RemoteService.Place place = remote.place();
        InetSocketAddress address = services.resolve(place.namespace(), place.service(), place.port());
        String host = address.getHostString();
        String literal = host.contains(":") ? "[" + host + "]" : host;
        return URI.create("https://" + literal + ":" + address.getPort() + pathAndQuery);
    }

    /// @throws WebhookFailure when the caBundle is of no use
    HttpClient client(RemoteService remote) {
        return clients.client(decoded(remote.caBundle()), remote.place().host(), !remote.insecure());
    }

    /// Asks as a user of this server's choice.
    ///
    /// @param etag of what is known; empty for none
    /// @throws WebhookFailure when the caBundle is of no use
    /// @throws IOException also when the answer takes more than a few seconds, or megabytes
    HttpResponse<byte[]> get(RemoteService remote, URI url, UserInfo user, String accept, String etag)
            throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(url).header("Accept", accept);
        if (!etag.isEmpty()) {
            request.header("If-None-Match", etag);
        }
        identify(request, user);
        return await(
                client(remote)
                        .sendAsync(
                                request.build(),
                                info -> BodySubscribers.limiting(BodySubscribers.ofByteArray(), MAX_ANSWER)),
                TIMEOUT);
    }

    /// The client's own timeout ends with the headers: a body could go on for ever.
    static <T> HttpResponse<T> await(CompletableFuture<HttpResponse<T>> answer, Duration patience)
            throws IOException, InterruptedException {
        try {
            return answer.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new HttpTimeoutException("no answer within " + patience);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException failure ? failure : new IOException(e.getCause());
        } finally {
            // where it is complete, this does nothing
            answer.cancel(true);
        }
    }

    private static byte[] decoded(String bundle) {
        try {
            return Base64.getDecoder().decode(bundle);
        } catch (IllegalArgumentException e) {
            throw new WebhookFailure("unable to load root certificates: unable to parse bytes as PEM block");
        }
    }

    static void identify(HttpRequest.Builder request, UserInfo user) {
        request.setHeader("X-Remote-User", user.name());
        if (!user.uid().isEmpty()) {
            request.setHeader("X-Remote-Uid", user.uid());
        }
        user.groups().forEach(group -> request.header("X-Remote-Group", group));
        user.extra()
                .forEach((key, values) ->
                        values.forEach(value -> request.header("X-Remote-Extra-" + escaped(key), value)));
    }

    /// As Go words it.
    static String reason(IOException failure, URI url) {
        if (failure instanceof HttpTimeoutException) {
            return "context deadline exceeded";
        }
        if (failure instanceof ConnectException) {
            return "dial tcp " + url.getHost() + ":" + url.getPort() + ": connect: connection refused";
        }
        for (Throwable cause = failure; failure instanceof SSLException && cause != null; cause = cause.getCause()) {
            String text = String.valueOf(cause.getMessage());
            int at = text.indexOf("tls: ");
            if (at >= 0) {
                return text.substring(at);
            }
        }
        return String.valueOf(failure.getMessage());
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
