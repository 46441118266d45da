package io.insula.tenantapi.controllers.apps;

import static io.insula.tenantapi.controllers.ManagerFixture.parse;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What a rolling update of a daemon set may take away and add, by what each node has. Source of the arithmetic:
/// kubernetes, `pkg/controller/daemon/update.go`.
final class DaemonSyncTest {

    private static final Instant NOW = Instant.parse("2026-01-01T01:00:00Z");

    /// Per node, apart by commas: `-` no pod, `o` an old pod, `n` a new one, upper case when it is available,
    /// `x` one that is on its way out; several for several pods. `deleted` and `created` are the numbers of the
    /// nodes that lose or get a pod.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "nothing",
            value = {
                // nodes    | maxUnavailable | maxSurge | deleted | created
                "O,O,O      | 1              | 0        | 0       | none",
                "-,O,O      | 1              | 0        | none    | none",
                "x,O,O      | 1              | 0        | none    | none",
                "n,O,O      | 1              | 0        | none    | none",
                "N,O,O      | 1              | 0        | 1       | none",
                "o,O,O      | 1              | 0        | 0       | none",
                "o,o,O      | 1              | 0        | 0 1     | none",
                "o,O,O      | 2              | 0        | 0 1     | none",
                "-,-,O      | 2              | 0        | none    | none",
                "-,O,O      | 2              | 0        | 1       | none",
                "nO,O,O     | 1              | 0        | none    | none",
                "O,O,O      | 50%            | 0        | 0 1     | none",
                "O,O,O      | 100%           | 0        | 0 1 2   | none",
                "N,N,N      | 1              | 0        | none    | none",
                "O,O,O      | 0              | 0        | 0       | none",
                "O,O,O      | 0              | 1        | none    | 0",
                "On,O,O     | 0              | 1        | none    | none",
                "ON,O,O     | 0              | 1        | 0       | 1",
                "o,O,O      | 0              | 1        | none    | 0 1",
                "O,O,O      | 0              | 50%      | none    | 0 1",
                "-,O,O      | 0              | 1        | none    | 1",
            })
    void rolls(String nodes, String maxUnavailable, String maxSurge, String deleted, String created) {
        var all = new ArrayList<ObjectNode>();
        var pods = new ArrayList<ObjectNode>();
        String[] given = nodes.split(",", -1);
        for (int i = 0; i < given.length; i++) {
            all.add(parse("{metadata: {name: '" + i + "'}}"));
            for (char kind : given[i].replace("-", "").toCharArray()) {
                pods.add(pod(kind, i, pods.size()));
            }
        }
        DaemonSync.Plan plan = new DaemonSync(set(maxUnavailable, maxSurge), all, pods, "new", NOW).roll();

        assertThat(plan.surplus()).extracting(DaemonPods::node).containsExactlyInAnyOrderElementsOf(numbers(deleted));
        assertThat(plan.nodesInNeed()).containsExactlyInAnyOrderElementsOf(numbers(created));
    }

    private static List<String> numbers(String text) {
        return text.equals("none") ? List.of() : List.of(text.split(" ", -1));
    }

    private static ObjectNode set(String maxUnavailable, String maxSurge) {
        ObjectNode set = Json.object();
        set.putObject("metadata").put("name", "d").put("namespace", "n").put("uid", "u");
        ObjectNode spec = set.putObject("spec");
        spec.putObject("template").putObject("spec");
        ObjectNode rolling =
                spec.putObject("updateStrategy").put("type", "RollingUpdate").putObject("rollingUpdate");
        share(rolling, "maxUnavailable", maxUnavailable);
        share(rolling, "maxSurge", maxSurge);
        return set;
    }

    private static void share(ObjectNode rolling, String field, String value) {
        if (value.endsWith("%")) {
            rolling.put(field, value);
        } else {
            rolling.put(field, Integer.parseInt(value));
        }
    }

    private static ObjectNode pod(char kind, int node, int number) {
        ObjectNode pod = Json.object();
        ObjectNode meta = pod.putObject("metadata").put("name", "p" + number).put("uid", "p" + number);
        meta.put("creationTimestamp", Meta.timestamp(NOW.minusSeconds(600L - number)));
        meta.putObject("labels").put(DaemonPods.HASH, Character.toLowerCase(kind) == 'n' ? "new" : "old");
        if (kind == 'x') {
            meta.put("deletionTimestamp", Meta.timestamp(NOW));
        }
        pod.putObject("spec").put("nodeName", Integer.toString(node));
        ObjectNode status = pod.putObject("status").put("phase", "Running");
        status.putArray("conditions")
                .addObject()
                .put("type", "Ready")
                .put("status", Character.isUpperCase(kind) ? "True" : "False")
                .put("lastTransitionTime", Meta.timestamp(NOW.minusSeconds(300)));
        return pod;
    }
}
