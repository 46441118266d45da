package io.insula.it.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Services with endpoints, and how soon the kernel obeys a change of one. Confined to one thread.
record NodeServices(Target target, String namespace, int services, int endpoints) {

    private static final long PATIENCE_SECONDS = 120;

    /// Makes all of them.
    void make() throws IOException {
        try (var lane = lane()) {
            for (int i = 0; i < services; i++) {
                lane.post("/api/v1/namespaces/" + namespace + "/services", service(i));
                lane.post(path(), slice(i, 0));
            }
        }
    }

    /// Changes one endpoint of a Service, each time of another.
    ///
    /// @param router the network namespace whose kernel is watched
    /// @return milliseconds from the request until the kernel told of its new rules
    List<Double> change(int times, Path router) throws Exception {
        var millis = new ArrayList<Double>();
        Process monitor = new ProcessBuilder("nsenter", "--net=" + router, "nft", "-n", "monitor", "new")
                .redirectErrorStream(true)
                .start();
        try (var lane = lane()) {
            var said = new LinkedBlockingQueue<String>();
            Thread.ofVirtual().name("bench-nft").start(() -> read(monitor, said));
            awaitMonitor(lane, said);
            for (int i = 1; i <= times; i++) {
                long begin = System.nanoTime();
                change(lane, i, 1);
                if (!isTold(said, address(i, 1, 0), PATIENCE_SECONDS)) {
                    throw new IOException("the kernel has no rule for " + address(i, 1, 0));
                }
                millis.add((System.nanoTime() - begin) / 1e6);
            }
        } finally {
            monitor.destroy();
        }
        return millis;
    }

    /// It reads all rules before it listens: one Service goes to and fro until it tells of it.
    private void awaitMonitor(HttpLane lane, LinkedBlockingQueue<String> said) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        int generation = 1;
        do {
            if (System.nanoTime() > end) {
                throw new IOException("nft monitor tells nothing");
            }
            generation = 1 - generation;
            change(lane, 0, 1 - generation);
        } while (!isTold(said, address(0, 1 - generation, 0), 3));
    }

    private void change(HttpLane lane, int service, int generation) throws IOException {
        lane.delete(path() + "/svc-" + service);
        lane.post(path(), slice(service, generation));
    }

    private static boolean isTold(LinkedBlockingQueue<String> said, String address, long seconds)
            throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (true) {
            String line = said.poll(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
            if (line == null) {
                return false;
            }
            if (line.contains(address)) {
                said.clear();
                return true;
            }
        }
    }

    private static void read(Process monitor, LinkedBlockingQueue<String> said) {
        try (var lines = new BufferedReader(new InputStreamReader(monitor.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                said.add(line);
            }
        } catch (IOException e) {
            // ended
        }
    }

    /// Waits until the kernel has a rule for the last Service.
    void awaitRules(Path router) throws Exception {
        String last = address(services - 1, 0, 0);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!ruleset(router).contains(last)) {
            if (System.nanoTime() > end) {
                throw new IOException("the kernel has no rule for " + last);
            }
            Thread.sleep(500);
        }
    }

    private static String ruleset(Path router) throws Exception {
        Path file = Files.createTempFile("insula-bench", ".nft");
        try {
            new ProcessBuilder("nsenter", "--net=" + router, "nft", "-n", "list", "table", "ip", "insula")
                    .redirectErrorStream(true)
                    .redirectOutput(file.toFile())
                    .start()
                    .waitFor();
            return Files.readString(file);
        } finally {
            Files.delete(file);
        }
    }

    private HttpLane lane() {
        return new HttpLane(target.server(), target.tls().getSocketFactory());
    }

    private String path() {
        return "/apis/discovery.k8s.io/v1/namespaces/" + namespace + "/endpointslices";
    }

    private static byte[] service(int number) {
        return """
                {"apiVersion":"v1","kind":"Service","metadata":{"name":"svc-%d"},
                "spec":{"ports":[{"name":"http","port":80,"targetPort":8080}]}}
                """.formatted(number).getBytes(StandardCharsets.UTF_8);
    }

    private byte[] slice(int number, int generation) {
        String all = IntStream.range(0, endpoints)
                .mapToObj(i -> "{\"addresses\":[\"" + address(number, i == 0 ? generation : 0, i)
                        + "\"],\"conditions\":{\"ready\":true}}")
                .collect(Collectors.joining(","));
        return """
                {"apiVersion":"discovery.k8s.io/v1","kind":"EndpointSlice","addressType":"IPv4",
                "metadata":{"name":"svc-%1$d","labels":{"kubernetes.io/service-name":"svc-%1$d"}},
                "ports":[{"name":"http","port":8080,"protocol":"TCP"}],"endpoints":[%2$s]}
                """.formatted(number, all).getBytes(StandardCharsets.UTF_8);
    }

    /// Of nobody here: 10.216.0.0/13.
    private static String address(int number, int generation, int endpoint) {
        int index = number * 16 + endpoint;
        return "10." + (216 + generation * 4 + index / 65536) + "." + index / 256 % 256 + "." + index % 256;
    }
}
