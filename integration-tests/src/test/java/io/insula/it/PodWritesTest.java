package io.insula.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.insula.controlplane.home.Home;
import io.insula.controlplane.process.OneKafka;
import io.insula.it.backend.StoreWrites;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Tries to find more writes for a plain pod than it has news, on either side, from its create until it is ready and
/// all of it is told. Each write is a transaction of etcd, an audit event or two, and an event to every watcher.
class PodWritesTest {

    @RegisterExtension
    static final OneKafka KAFKA = new OneKafka();

    private static final Duration SOON = Duration.ofMinutes(3);
    private static final int PODS = 10;
    private static final String NAME = "counted-";

    /// How often in a row nothing new was written, in looks at 200 ms each.
    private static final int QUIET_LOOKS = 15;

    /// Its create, binding, two statuses (containers are created, all is ready) and two Events.
    private static final Map<String, Long> TENANT = Map.of("pods", 4L, "events", 2L);

    /// The same, and the Secret of its token.
    private static final Map<String, Long> HOST = Map.of("pods", 4L, "events", 2L, "secrets", 1L);

    @Test
    void writesForAPodOnlyWhatIsNew() {
        try (var insula = new Installation().with(KAFKA)) {
            insula.insula("up").ok();
            Kubectl acme = insula.tenant("acme", "runc");
            // what a namespace and a node need once
            acme.apply(pod("first"));
            acme.ok("wait --for=condition=Ready pod/first --timeout=180s");
            Home home = new Home(insula.home());
            try (var tenant = StoreWrites.of(home.tenant("acme"));
                    var host = StoreWrites.of(home.host())) {
                acme.apply(IntStream.range(0, PODS).mapToObj(i -> pod(NAME + i)).collect(Collectors.joining("---\n")));
                acme.ok("wait --for=condition=Ready pod --all --timeout=180s");
                awaitQuiet(tenant, host);

                assertThat(forEach(tenant)).as("in the tenant, each").allSatisfy((_, writes) -> atMost(TENANT, writes));
                assertThat(forEach(host)).as("on the host, each").allSatisfy((_, writes) -> atMost(HOST, writes));
                assertThat(forEach(tenant)).hasSize(PODS);
                assertThat(forEach(host)).hasSize(PODS);
            }
        }
    }

    private static void atMost(Map<String, Long> bounds, Map<String, Long> writes) {
        assertThat(bounds.keySet()).containsAll(writes.keySet());
        assertThat(writes)
                .allSatisfy((resource, times) ->
                        assertThat(times).as(resource).isBetween(1L, bounds.getOrDefault(resource, 0L)));
    }

    /// By pod, how often each resource was written that is its own: they are called after it on either side.
    private static Map<String, Map<String, Long>> forEach(StoreWrites writes) {
        return counted(writes).stream()
                .collect(Collectors.groupingBy(
                        PodWritesTest::owner,
                        TreeMap::new,
                        Collectors.groupingBy(key -> key.split("/", -1)[2], TreeMap::new, Collectors.counting())));
    }

    private static List<String> counted(StoreWrites writes) {
        return writes.keys().stream().filter(key -> key.contains("/" + NAME)).toList();
    }

    private static String owner(String key) {
        return key.substring(key.lastIndexOf('/') + 1).replaceFirst("^(" + NAME + "\\d+).*", "$1");
    }

    private static void awaitQuiet(StoreWrites tenant, StoreWrites host) {
        var looks = new AtomicInteger();
        var before = new AtomicInteger();
        Installation.await("nothing more to write", SOON, () -> {
            int now = counted(tenant).size() + counted(host).size();
            return (before.getAndSet(now) == now ? looks.incrementAndGet() : looks.getAndSet(0)) >= QUIET_LOOKS;
        });
    }

    private static String pod(String name) {
        return """
                apiVersion: v1
                kind: Pod
                metadata: {name: %s}
                spec:
                  containers:
                  - name: web
                    image: nginx:1.29
                    resources: {requests: {cpu: 10m, memory: 8Mi}, limits: {cpu: 10m, memory: 8Mi}}
                """.formatted(name);
    }
}
