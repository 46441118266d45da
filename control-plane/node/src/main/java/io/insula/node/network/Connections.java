package io.insula.node.network;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// The connections that the kernel remembers: it lets them go on whatever the rules say by now. Confined to one thread.
final class Connections {

    private static final String FORGET = """
            command -v conntrack >/dev/null
            for address in "$@"; do
              conntrack -D -s $address >/dev/null 2>&1 || true
              conntrack -D -d $address >/dev/null 2>&1 || true
              conntrack -D -r $address >/dev/null 2>&1 || true
            done
            """;

    private final PodNetwork network;

    Connections(PodNetwork network) {
        this.network = network;
    }

    /// Ends what pods had open that are gone: their addresses will be others', and who still talks to them must not
    /// talk on to those.
    void forget(Population before, Population now) {
        List<String> gone = before.byAddress().values().stream()
                .filter(pod -> !isStill(pod, now.byAddress()))
                .map(PodFacts::address)
                .sorted()
                .toList();
        if (!gone.isEmpty()) {
            Shell.run(
                    "",
                    Stream.concat(
                                    Stream.of(
                                            "nsenter",
                                            "--net=" + Router.namespace(network),
                                            "/bin/sh",
                                            "-c",
                                            FORGET,
                                            "sh"),
                                    gone.stream())
                            .toList());
        }
    }

    private static boolean isStill(PodFacts pod, Map<String, PodFacts> now) {
        PodFacts other = now.get(pod.address());
        return other != null && other.uid().equals(pod.uid()) && other.tenant().equals(pod.tenant());
    }
}
