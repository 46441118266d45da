package io.insula.it.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLSocketFactory;

/// The pods of one namespace with which a server is loaded: about 4.5 KB each as they are sent, 7 KB once defaulted,
/// as real ones are.
final class Pods {

    private static final String PREFIX = "pod-";

    private final Target target;
    private final String namespace;
    private final SSLSocketFactory tls;
    private final AtomicLong names = new AtomicLong();

    Pods(Target target, String namespace) {
        this.target = target;
        this.namespace = namespace;
        tls = target.tls().getSocketFactory();
    }

    String path() {
        return "/api/v1/namespaces/" + namespace + "/pods";
    }

    /// Makes the namespace and, where no controller does, its service account.
    ///
    /// @throws IOException when the namespace is there already, as it may hold anything
    void prepare() throws IOException {
        try (var lane = lane()) {
            lane.post("/api/v1/namespaces", named("Namespace", namespace));
            lane.postUnlessThere(
                    "/api/v1/namespaces/" + namespace + "/serviceaccounts", named("ServiceAccount", "default"));
        }
    }

    private static byte[] named(String kind, String name) {
        return "{\"apiVersion\":\"v1\",\"kind\":\"%s\",\"metadata\":{\"name\":\"%s\"}}"
                .formatted(kind, name)
                .getBytes(StandardCharsets.UTF_8);
    }

    void remove() throws IOException {
        try (var lane = lane()) {
            lane.delete("/api/v1/namespaces/" + namespace);
        }
    }

    HttpLane lane() {
        return new HttpLane(target.server(), tls);
    }

    List<HttpLane> lanes(int count) {
        var lanes = new ArrayList<HttpLane>();
        for (int i = 0; i < count; i++) {
            lanes.add(lane());
        }
        return lanes;
    }

    /// The name of a new pod.
    String create(HttpLane lane) throws IOException {
        long number = names.incrementAndGet();
        lane.post(path(), manifest(name(number)));
        return name(number);
    }

    /// A client that creates a new pod each time: the request is encoded once, only the name's digits change.
    Load.Client creating(HttpLane lane) {
        byte[] request = lane.encoded("POST", path(), "", manifest(name(0)));
        return NumberedRequest.creating(lane, request, PREFIX, names);
    }

    /// A client that asks for the same each time.
    static Load.Client getting(HttpLane lane, String path, String headers) {
        byte[] request = lane.encoded("GET", path, headers, new byte[0]);
        return () -> lane.exchange(request, 200);
    }

    private static String name(long number) {
        return NumberedRequest.name(PREFIX, number);
    }

    /// A pod as a Deployment of an ordinary service has it. It names a scheduler that nobody runs, so it stays as it
    /// is.
    private byte[] manifest(String name) {
        var environment = new StringBuilder();
        for (int i = 0; i < 24; i++) {
            environment
                    .append(i == 0 ? "" : ",")
                    .append("{\"name\":\"SETTING_%02d\",\"value\":\"a value of ordinary length, number %02d\"}"
                            .formatted(i, i));
        }
        return """
                {"apiVersion":"v1","kind":"Pod","metadata":{"name":"%s","namespace":"%s","labels":{"app":"web",
                "pod-template-hash":"5b68999b75","tier":"frontend"},"annotations":{"prometheus.io/scrape":"true",
                "prometheus.io/port":"8080","checksum/config":"8b1a9953c4611296a827abf8c47804d7e6c49c6b97ab1b0c9b2c6d2ff0a5c5a1"}},
                "spec":{"schedulerName":"nobody","automountServiceAccountToken":false,"terminationGracePeriodSeconds":0,
                "containers":[{"name":"web","image":"registry.example.com/team/web:1.27.3",
                "ports":[{"name":"http","containerPort":8080}],"env":[%s],
                "resources":{"requests":{"cpu":"100m","memory":"128Mi"},"limits":{"cpu":"500m","memory":"256Mi"}},
                "readinessProbe":{"httpGet":{"path":"/ready","port":"http"},"periodSeconds":5},
                "livenessProbe":{"httpGet":{"path":"/live","port":"http"},"initialDelaySeconds":10},
                "volumeMounts":[{"name":"config","mountPath":"/etc/web"}]},
                {"name":"proxy","image":"registry.example.com/team/proxy:2.1.0","args":["--listen=:15001","--admin=:15000"],
                "resources":{"requests":{"cpu":"10m","memory":"32Mi"}}}],
                "volumes":[{"name":"config","configMap":{"name":"web"}}]}}
                """.formatted(name, namespace, environment).getBytes(StandardCharsets.UTF_8);
    }
}
