package io.insula.node.server;

import io.fabric8.kubernetes.api.model.PodListBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.node.runtime.ContainerRuntime;
import io.insula.node.runtime.RuntimeFailure;
import io.insula.node.server.ContainerStreams.Address;
import io.insula.node.server.NodeAccess.Asker;
import io.insula.node.server.NodePods.NodePod;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.http.HttpRequest;
import io.insula.tenantapi.http.HttpResponder;
import io.insula.tenantapi.http.HttpServer;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a kubelet serves to the API server: logs, exec, attach, port-forward, statistics. Only to who shows a client
/// certificate of the given authority, and may do it. Thread-safe.
///
/// Source: kubernetes, `pkg/kubelet/server/server.go` and `auth.go`.
public final class NodeServer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(NodeServer.class);
    private static final String TEXT = "text/plain; charset=utf-8";
    private static final String JSON = "application/json";

    private final NodePods pods;
    private final NodeAccess access;
    private final ContainerLogs logs;
    private final ContainerStreams streams;
    private final NodeUsage usage;
    private final HttpServer http;

    /// Listens from then on.
    ///
    /// @param runtime stays the caller's
    /// @throws IllegalStateException when the port is taken
    public NodeServer(NodeServing serving, String node, NodePods pods, ContainerRuntime runtime, NodeAccess access) {
        this.pods = pods;
        this.access = access;
        this.logs = new ContainerLogs(pods);
        this.streams = new ContainerStreams(pods, runtime);
        this.usage = new NodeUsage(node, pods, runtime);
        this.http = HttpServer.startAlone(serving.http(), this::handle);
    }

    /// Where it listens.
    public int port() {
        return http.port();
    }

    private void handle(HttpRequest request, HttpResponder responder) {
        try {
            route(request, responder);
        } catch (NodeRefusal e) {
            text(responder, e.status(), String.valueOf(e.getMessage()));
        } catch (ApiException e) {
            text(responder, e.code(), e.getMessage() + "\n");
        } catch (RuntimeFailure e) {
            LOG.atWarn().setCause(e).log("the runtime does not do what the API server wants");
            text(responder, 500, e.getMessage() + "\n");
        }
    }

    private void route(HttpRequest request, HttpResponder responder) {
        List<String> path = Arrays.stream(request.path().substring(1).split("/", -1))
                .map(segment -> NodeQuery.decoded(segment.replace("+", "%2B")))
                .toList();
        authorize(request, path.getFirst());
        NodeQuery query = NodeQuery.of(request.query());
        switch (path.getFirst()) {
            case "healthz" -> text(responder, 200, "ok");
            case "pods" -> json(responder, list());
            case "stats" -> stats(path, responder);
            case "metrics" -> metrics(path, responder);
            case "containerLogs" -> {
                requireGet(request);
                requireSegments(path, 4);
                logs.answer(path.get(1), path.get(2), path.get(3), query, responder);
            }
            case "exec" -> streams.exec(request, ofContainer(path), query, responder);
            case "attach" -> streams.attach(request, ofContainer(path), query, responder);
            case "portForward" -> streams.portForward(request, ofPod(path), query, responder);
            default -> throw NodeRefusal.notFound("404 page not found\n");
        }
    }

    private void authorize(HttpRequest request, String first) {
        if (request.clientCertificates().isEmpty()) {
            throw new NodeRefusal(401, "Unauthorized\n");
        }
        Asker asker = asker(request.clientCertificates().getFirst());
        String subresource = switch (first) {
            case "stats", "metrics" -> first;
            default -> "proxy";
        };
        String verb = switch (first) {
            // whatever the method: WebSockets are asked for by GET, and a shell is no reading
            case "exec", "attach", "portForward" -> "create";
            default -> request.method().equals("GET") ? "get" : "create";
        };
        if (!access.allows(asker, verb, subresource)) {
            throw new NodeRefusal(
                    403,
                    "Forbidden (user=" + asker.name() + ", verb=" + verb + ", resource=nodes, subresource="
                            + subresource + ")\n");
        }
    }

    private static Asker asker(X509Certificate certificate) {
        try {
            var names = new LdapName(certificate.getSubjectX500Principal().getName()).getRdns();
            return new Asker(values(names, "CN").stream().findFirst().orElse(""), values(names, "O"));
        } catch (InvalidNameException e) {
            throw new NodeRefusal(401, "Unauthorized\n");
        }
    }

    private static List<String> values(List<Rdn> names, String type) {
        return names.stream()
                .filter(name -> name.getType().equalsIgnoreCase(type))
                .map(name -> String.valueOf(name.getValue()))
                .toList();
    }

    private Object list() {
        return new PodListBuilder()
                .withItems(pods.all().stream().map(NodePod::pod).toList())
                .build();
    }

    private void stats(List<String> path, HttpResponder responder) {
        if (path.size() != 2 || !path.get(1).equals("summary")) {
            throw NodeRefusal.notFound("404 page not found\n");
        }
        json(responder, usage.summary());
    }

    private void metrics(List<String> path, HttpResponder responder) {
        if (path.size() != 2 || !path.get(1).equals("resource")) {
            throw NodeRefusal.notFound("404 page not found\n");
        }
        send(responder, 200, "text/plain; version=0.0.4; charset=utf-8", usage.metrics());
    }

    /// `/exec/{namespace}/{pod}/{container}`, or with the pod's uid before the container.
    private static Address ofContainer(List<String> path) {
        requireSegments(path, path.size() == 5 ? 5 : 4);
        return new Address(path.get(1), path.get(2), path.size() == 5 ? path.get(3) : "", path.getLast());
    }

    private static Address ofPod(List<String> path) {
        requireSegments(path, path.size() == 4 ? 4 : 3);
        return new Address(path.get(1), path.get(2), path.size() == 4 ? path.get(3) : "", "");
    }

    private static void requireSegments(List<String> path, int count) {
        if (path.size() != count || path.stream().anyMatch(String::isEmpty)) {
            throw NodeRefusal.notFound("404 page not found\n");
        }
    }

    private static void requireGet(HttpRequest request) {
        if (!request.method().equals("GET")) {
            throw new NodeRefusal(405, "405: Method Not Allowed\n");
        }
    }

    private static void json(HttpResponder responder, Object document) {
        send(responder, 200, JSON, Serialization.asJson(document));
    }

    private static void text(HttpResponder responder, int status, String text) {
        send(responder, status, TEXT, text);
    }

    private static void send(HttpResponder responder, int status, String type, String text) {
        responder.send(status, Map.of("Content-Type", List.of(type)), text.getBytes(StandardCharsets.UTF_8));
    }

    /// Ends all streams. Idempotent.
    @Override
    public void close() {
        http.close();
    }
}
