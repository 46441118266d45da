package io.insula.it.bench;

import io.insula.it.bench.Load.Contender;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// The speed of requests, beside etcd's for the same objects.
///
/// @param measured of each load, in several turns
/// @param server what it spends its time on
record Speed(Target target, Report report, int clients, Duration measured, ServerTime server) {

    /// LIST of 100 pods from an upstream kube-apiserver on a machine of two cores, per second; measured once,
    /// elsewhere.
    private static final double UPSTREAM_LISTS = 223;

    private static final int PAGE = 100;
    private static final int TURNS = 5;
    /// A warm server's compiler takes less than this part of its time.
    private static final double STILL_COMPILING = 0.1;

    private static final int MAX_WARM_UPS = 9;
    /// What every Go client sends.
    private static final String GZIP = "Accept-Encoding: gzip\r\n";

    void measure(String etcd, Duration warmUp) throws Exception {
        report.doing(target.server() + ", " + clients + " clients, " + measured.toSeconds() + " s a line");
        var created = new Pods(target, "insula-bench");
        var listed = new Pods(target, "insula-bench-list");
        created.prepare();
        try {
            listed.prepare();
            try {
                measure(created, listed, etcd, warmUp);
            } finally {
                listed.remove();
            }
        } finally {
            created.remove();
        }
    }

    private void measure(Pods created, Pods listed, String etcd, Duration warmUp) throws Exception {
        List<HttpLane> lanes = created.lanes(clients);
        HttpLane first = lanes.getFirst();
        String one = listed.path() + "/" + listed.create(first);
        for (int i = 1; i < PAGE; i++) {
            listed.create(first);
        }
        byte[] pod = first.get(one);
        report.line("a pod, bytes of JSON", pod.length);
        var creates = each(lanes, created::creating);
        var gets = each(lanes, lane -> Pods.getting(lane, one, ""));
        var lists = each(lanes, lane -> Pods.getting(lane, listed.path(), ""));
        var packedLists = each(lanes, lane -> Pods.getting(lane, listed.path(), GZIP));
        // lists first: creates leave many thousands of other pods
        warmUp(warmUp, List.of(gets, lists, packedLists), List.of());
        lists(lists, packedLists);
        try (var raw = new EtcdYardstick(etcd, pod)) {
            warmUp(warmUp, List.of(creates, gets), List.of(raw.creating(clients), raw.getting(clients)));
            serial(raw, created, first);
            parallel(raw, creates, gets);
        }
        for (HttpLane lane : lanes) {
            lane.close();
        }
    }

    private void lists(List<Load.Client> plain, List<Load.Client> packed) throws InterruptedException {
        List<Rate> rates = run(
                new Contender("LIST of 100 pods, gzip as Go clients ask", packed),
                new Contender("LIST of 100 pods, plain", plain));
        report.atLeast("LIST, gzip / upstream's 223 a second", rates.getFirst().perSecond() / UPSTREAM_LISTS, 7, "");
        report.atLeast("LIST, plain / upstream's 223 a second", rates.getLast().perSecond() / UPSTREAM_LISTS, 7, "");
    }

    private void serial(EtcdYardstick raw, Pods created, HttpLane lane) throws InterruptedException {
        List<Rate> rates = run(
                new Contender("etcd create, 1 client", raw.creating(1)),
                new Contender("POST pod, 1 client", List.of(created.creating(lane))));
        report.atMost(
                "POST pod / etcd create, serial p50",
                rates.getLast().p50() / rates.getFirst().p50(),
                1.9,
                "");
    }

    private void parallel(EtcdYardstick raw, List<Load.Client> creates, List<Load.Client> gets)
            throws InterruptedException {
        String many = ", " + clients + " clients";
        List<Rate> create = run(
                new Contender("etcd create" + many, raw.creating(clients)), new Contender("POST pod" + many, creates));
        List<Rate> get =
                run(new Contender("etcd get" + many, raw.getting(clients)), new Contender("GET pod" + many, gets));
        report.atLeast("POST pod / etcd create", rateRatio(create), 0.30, "");
        report.atLeast("GET pod / etcd get", rateRatio(get), 0.60, "");
    }

    private static double rateRatio(List<Rate> rawAndOwn) {
        return rawAndOwn.getLast().perSecond() / rawAndOwn.getFirst().perSecond();
    }

    private List<Rate> run(Contender... loads) throws InterruptedException {
        List<Contender> contenders = List.of(loads);
        List<Rate> rates = new Load(TURNS, measured.dividedBy(TURNS), server::cpuNanos).compare(contenders);
        for (int i = 0; i < loads.length; i++) {
            report.line(contenders.get(i).name(), rates.get(i));
        }
        return rates;
    }

    private void warmUp(Duration time, List<List<Load.Client>> own, List<List<Load.Client>> raw)
            throws InterruptedException {
        report.doing("warming up for " + time.toSeconds() + " s");
        double compiling = 1;
        for (int round = 1; compiling > STILL_COMPILING && round <= MAX_WARM_UPS; round++) {
            long cpu = server.cpuNanos();
            long compiler = server.compilerNanos();
            for (List<Load.Client> load : own) {
                Load.drive(load, time.dividedBy(own.size()));
            }
            compiling = (server.compilerNanos() - compiler) / (double) Math.max(1, server.cpuNanos() - cpu);
            report.doing("of the server's time, compiling took %.0f %%".formatted(100 * compiling));
        }
        for (List<Load.Client> load : raw) {
            Load.drive(load, Duration.ofSeconds(1));
        }
    }

    private static List<Load.Client> each(List<HttpLane> lanes, Function<HttpLane, Load.Client> client) {
        var all = new ArrayList<Load.Client>();
        lanes.forEach(lane -> all.add(client.apply(lane)));
        return all;
    }
}
