package io.insula.tenantapi.flowcontrol;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.insula.tenantapi.auth.UserInfo;
import io.insula.tenantapi.flowcontrol.Borrowing.Claim;
import io.insula.tenantapi.metrics.MetricRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FlowControlTest {

    private final AtomicLong nanos = new AtomicLong();
    private final List<Runnable> later = new ArrayList<>();
    private final MetricRegistry registry = new MetricRegistry();
    private final FlowControl control = new FlowControl(100, nanos::get, (task, after) -> later.add(task), registry);

    private static UserInfo user(String name, String... groups) {
        return new UserInfo(name, "", List.of(groups), Map.of());
    }

    private static FlowRequest list(UserInfo user, String group, String resource, String namespace) {
        return new FlowRequest(user, "list", group, resource, "", namespace, "");
    }

    private static FlowRequest get(UserInfo user, String path) {
        return new FlowRequest(user, "get", "", "", "", "", path);
    }

    private static ObjectNode object(String yaml) {
        try {
            return (ObjectNode) new YAMLMapper().readTree(yaml);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ObjectNode level(String name, String limited) {
        return object("metadata: {name: " + name + ", uid: " + name + "-uid}\nspec: {type: Limited, limited: " + limited
                + "}");
    }

    private static ObjectNode schema(String name, int precedence, String level, String rule) {
        return object("metadata: {name: " + name + ", uid: " + name + "-uid}\nspec: {matchingPrecedence: " + precedence
                + ", priorityLevelConfiguration: {name: " + level + "}, rules: [" + rule + "]}");
    }

    record Case(String name, String rule, FlowRequest request, boolean matches) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> cases() {
        String everyone = "subjects: [{kind: Group, group: {name: '*'}}]";
        String pods = "resourceRules: [{verbs: [list], apiGroups: [''], resources: [pods], namespaces: [a]}]";
        String nodes = "resourceRules: [{verbs: ['*'], apiGroups: ['*'], resources: ['*'], clusterScope: true}]";
        String health = "nonResourceRules: [{verbs: [get], nonResourceURLs: [/healthz, /logs/*]}]";
        String account =
                "subjects: [{kind: ServiceAccount, serviceAccount: {namespace: kube-system, name: %s}}], " + nodes;
        UserInfo alice = user("alice", "dev");
        UserInfo proxy = user("system:serviceaccount:kube-system:proxy");
        return Stream.of(
                new Case("a resource in its namespace", everyone + ", " + pods, list(alice, "", "pods", "a"), true),
                new Case("another namespace", everyone + ", " + pods, list(alice, "", "pods", "b"), false),
                new Case("all namespaces", everyone + ", " + pods, list(alice, "", "pods", ""), false),
                new Case("another resource", everyone + ", " + pods, list(alice, "", "secrets", "a"), false),
                new Case("another group", everyone + ", " + pods, list(alice, "apps", "pods", "a"), false),
                new Case("cluster scope", everyone + ", " + nodes, list(alice, "", "nodes", ""), true),
                new Case("not in namespaces", everyone + ", " + nodes, list(alice, "", "pods", "a"), false),
                new Case("a path", everyone + ", " + health, get(alice, "/healthz"), true),
                new Case("below a path", everyone + ", " + health, get(alice, "/healthz/etcd"), true),
                new Case("below a starred path", everyone + ", " + health, get(alice, "/logs/x"), true),
                new Case("a path that begins the same", everyone + ", " + health, get(alice, "/healthzz"), false),
                new Case(
                        "a user",
                        "subjects: [{kind: User, user: {name: alice}}], " + health,
                        get(alice, "/healthz"),
                        true),
                new Case(
                        "another user",
                        "subjects: [{kind: User, user: {name: bob}}], " + health,
                        get(alice, "/healthz"),
                        false),
                new Case(
                        "a group",
                        "subjects: [{kind: Group, group: {name: dev}}], " + health,
                        get(alice, "/healthz"),
                        true),
                new Case("an account", account.formatted("proxy"), list(proxy, "", "nodes", ""), true),
                new Case("every account of a namespace", account.formatted("'*'"), list(proxy, "", "nodes", ""), true),
                new Case("another account", account.formatted("dns"), list(proxy, "", "nodes", ""), false),
                new Case("no account", account.formatted("'*'"), list(alice, "", "nodes", ""), false));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void matchesRequestsAsUpstream(Case one) {
        var schema = FlowSchema.of(schema("s", 1, "l", "{" + one.rule() + "}"));
        assertThat(schema.matches(one.request())).isEqualTo(one.matches());
    }

    @Test
    void decidesByTheLowestPrecedenceAndThenByName() throws Exception {
        String all =
                "{subjects: [{kind: Group, group: {name: dev}}], nonResourceRules: [{verbs: ['*'], nonResourceURLs: ['*']}]}";
        control.configure(
                List.of(level("l", "{}")),
                List.of(
                        schema("late", 900, "l", all),
                        schema("b", 500, "l", all),
                        schema("a", 500, "l", all),
                        schema("dangling", 100, "missing", all)));

        try (Admission admission = control.admit(get(user("alice", "dev"), "/x"), Work.ONE, Duration.ofSeconds(1))) {
            assertThat(admission.schemaUid()).isEqualTo("a-uid");
            assertThat(admission.levelUid()).isEqualTo("l-uid");
        }
    }

    @Test
    void worksWithoutAnyObjects() throws Exception {
        try (Admission master = control.admit(get(user("root", "system:masters"), "/x"), Work.ONE, Duration.ZERO);
                Admission other = control.admit(get(user("alice"), "/x"), Work.ONE, Duration.ZERO)) {
            assertThat(master.isGranted()).isTrue();
            assertThat(other.isGranted()).isTrue();
        }
    }

    @Test
    void refusesBeyondTheLevelAndAsksToStayAwayLonger() throws Exception {
        UserInfo alice = user("alice");
        // alone with its shares: all 100 seats
        for (int i = 0; i < 100; i++) {
            assertThat(control.admit(get(alice, "/x"), Work.ONE, Duration.ZERO).isGranted())
                    .isTrue();
        }
        int longest = 0;
        for (int second = 0; second < 60; second++) {
            nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(100));
            for (int i = 0; i < 40; i++) {
                Admission refused = control.admit(get(alice, "/x"), Work.ONE, Duration.ZERO);
                assertThat(refused.isGranted()).isFalse();
                assertThat(refused.retryAfterSeconds()).isBetween(1, 32);
                longest = Math.max(longest, refused.retryAfterSeconds());
                refused.close();
            }
            nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(900));
        }
        assertThat(longest).isEqualTo(32);
        assertThat(control.admit(get(user("root", "system:masters"), "/x"), Work.ONE, Duration.ZERO)
                        .isGranted())
                .isTrue();
        assertThat(new String(registry.text(), StandardCharsets.UTF_8))
                .contains("apiserver_flowcontrol_rejected_requests_total{priority_level=\"catch-all\","
                        + "flow_schema=\"catch-all\",reason=\"concurrency-limit\"} 2400\n")
                .contains("apiserver_flowcontrol_current_executing_requests{priority_level=\"catch-all\","
                        + "flow_schema=\"catch-all\"} 100\n");
    }

    @Test
    void keepsTheSeatsOfAWriteWhileItsWatchersHaveWork() throws Exception {
        UserInfo alice = user("alice");
        var wide = new Work(15, Duration.ofMillis(50));
        for (int i = 0; i < 6; i++) {
            control.admit(get(alice, "/x"), wide, Duration.ZERO).close();
        }
        assertThat(control.admit(get(alice, "/x"), wide, Duration.ZERO).isGranted())
                .isFalse();
        later.forEach(Runnable::run);
        assertThat(control.admit(get(alice, "/x"), wide, Duration.ZERO).isGranted())
                .isTrue();
        // no wider than 15 of 100 seats: the same work takes twice as long
        assertThat(new Work(30, Duration.ofMillis(50)).within(15)).isEqualTo(new Work(15, Duration.ofMillis(100)));
    }

    @Test
    void givesSeatsByShares() {
        // upstream's levels and the seats that upstream has of 600
        var shares = Map.of(
                "system",
                30,
                "node-high",
                40,
                "leader-election",
                10,
                "workload-high",
                40,
                "workload-low",
                100,
                "global-default",
                20,
                "catch-all",
                5);
        var want = Map.of(
                "system",
                74,
                "node-high",
                98,
                "leader-election",
                25,
                "workload-high",
                98,
                "workload-low",
                245,
                "global-default",
                49,
                "catch-all",
                13);
        int all = shares.values().stream().mapToInt(i -> i).sum();
        shares.forEach((name, share) -> assertThat(
                        new PriorityLevel(name, "", false, share, 0, OptionalInt.empty(), QueueSet.Shape.NO_QUEUES)
                                .seats(600, all)
                                .nominal())
                .as(name)
                .isEqualTo(want.get(name)));
        assertThat(new PriorityLevel("l", "", false, 1, 25, OptionalInt.of(50), QueueSet.Shape.NO_QUEUES).seats(100, 1))
                .isEqualTo(new PriorityLevel.Seats(100, 75, 150));
    }

    @Test
    void lendsWhatIsNotUsedAndTakesItBack() throws Exception {
        control.configure(
                List.of(
                        level("busy", "{nominalConcurrencyShares: 50}"),
                        level("idle", "{nominalConcurrencyShares: 45, lendablePercent: 100}")),
                List.of(
                        schema(
                                "busy",
                                500,
                                "busy",
                                "{subjects: [{kind: User, user: {name: alice}}], nonResourceRules: [{verbs: ['*'], nonResourceURLs: ['*']}]}")));
        int first = grantedTo("alice");
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(11));
        int second = grantedTo("alice");

        assertThat(first).isEqualTo(50);
        assertThat(first + second).isGreaterThan(80);
    }

    private int grantedTo(String name) throws InterruptedException {
        int granted = 0;
        while (control.admit(get(user(name), "/x"), Work.ONE, Duration.ZERO).isGranted()) {
            granted++;
            assertThat(granted).isLessThan(1000);
        }
        return granted;
    }

    @Test
    void sharesBorrowedSeatsInProportionWithinBounds() {
        assertThat(Borrowing.share(100, List.of(new Claim(30, 10, 100), new Claim(10, 10, 100))))
                .containsExactly(75, 25);
        assertThat(Borrowing.share(100, List.of(new Claim(90, 10, 40), new Claim(10, 10, 100))))
                .containsExactly(40, 60);
        assertThat(Borrowing.share(100, List.of(new Claim(100, 0, 100), new Claim(1, 30, 100))))
                .containsExactly(70, 30);
        assertThat(Borrowing.share(100, List.of(new Claim(0, 0, 20), new Claim(0, 0, 20))))
                .containsExactly(20, 20);
        assertThat(Borrowing.share(10, List.of(new Claim(20, 20, 20), new Claim(30, 30, 40))))
                .containsExactly(20, 30);
    }

    @Test
    void dealsHandsOfDifferentQueuesThatCoverTheDeck() {
        var dealt = new int[64];
        for (int i = 0; i < 10_000; i++) {
            int[] hand = ShuffleShard.deal(ShuffleShard.hash("s", "flow-" + i), 64, 6);
            assertThat(Arrays.stream(hand)
                            .distinct()
                            .filter(card -> card >= 0 && card < 64)
                            .count())
                    .isEqualTo(6);
            Arrays.stream(hand).forEach(card -> dealt[card]++);
        }
        // 937.5 each on average
        assertThat(IntStream.of(dealt).min().orElseThrow()).isGreaterThan(800);
        assertThat(IntStream.of(dealt).max().orElseThrow()).isLessThan(1100);
        assertThat(ShuffleShard.deal(-1, 3, 8)).hasSize(3).doesNotHaveDuplicates();
    }
}
