package io.insula.host.simulation;

import static io.insula.tenantapi.controllers.ManagerFixture.parse;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What simulated containers do by their images and commands.
final class BehaviorTest {

    private static final Duration PACE = Duration.ofMillis(10);

    /// `code` and `seconds` of those that end, `runs` for the others.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "[true] | 0 | 0",
                "[/bin/false] | 1 | 0",
                "[echo, hello] | 0 | 0",
                "[sleep, '30'] | 0 | 30",
                "[sleep, 2m, 1] | 0 | 121",
                "[sleep, infinity] | runs | 0",
                "[sleep] | 1 | 0",
                "[perl, -Mbignum=bpi, -wle, print bpi(2000)] | 0 | 0",
                "[nginx, -g, daemon off;] | runs | 0",
                "[sh, -c, exit 3] | 3 | 0",
                "[/bin/sh, -c, date; echo Hello from the Kubernetes cluster] | 0 | 0",
                "[sh, -c, sleep 5 && exit 1] | 1 | 5",
                "`[sh, -c, 'false || echo failed']` | 0 | 0",
                "[sh, -c, 'false && sleep 9'] | 1 | 0",
                "[sh, -ec, 'false; echo never'] | 1 | 0",
                "[bash, -c, 'exit 300'] | 44 | 0",
                "[sh, -c, 'while true; do date; sleep 1; done'] | runs | 0",
                "[sh, -c, 'for i in 3 2 1; do echo $i; done'] | 0 | 0",
                "[sh, -c, 'for ((;;)); do sleep 1; done'] | runs | 0",
                "[sh, -c, 'echo \"a; nginx\" > /tmp/x # done'] | 0 | 0",
                "[sh, -c, 'echo start; exec nginx'] | runs | 0",
                "[sh, -c, 'sleep 100 &'] | runs | 0",
                "[sh] | 0 | 0",
                "[sh, /app/run.sh] | runs | 0",
                "[cat] | 0 | 0",
                "`[sh, -c, 'if [ 1 -lt 2 ]; then exit 3; else exit 4; fi']` | 3 | 0",
                "`[sh, -c, 'if false; then exit 3; elif test -n \"\"; then exit 4; fi']` | 0 | 0",
                "`[sh, -c, 'if nginx -t; then exit 3; fi']` | runs | 0",
                "`[sh, -c, '! true || exit 5']` | 5 | 0",
                "`[sh, -c, '[[ a == b || -z \"\" ]] && exit 6']` | 6 | 0",
                "`[sh, -c, 'n=$(expr 7 % 4); exit $((n * 3))']` | 9 | 0",
                "`[sh, -c, 'exit $(( $RANDOM / 16384 ))']` | runs | 0",
                "`[sh, -c, 'for i in $(seq 3); do sleep $i; done; exit $i']` | 3 | 6",
                "`[sh, -c, 'i=0; while [ $i -lt 4 ]; do i=$((i + 1)); done; exit $i']` | 4 | 0",
                "`[sh, -c, 'until false; do sleep 1; done']` | runs | 0",
                "`[sh, -c, '(exit 2); echo $? > /tmp/code; exit $?']` | 0 | 0",
                "`[sh, -c, 'set -e; if false; then true; fi; false; exit 0']` | 1 | 0",
                "`[sh, -c, 'case $x in a) exit 1;; esac']` | runs | 0",
                "`[sh, -c, 'echo $HOSTNAME $(date) \"$@\"']` | 0 | 0",
                "`[sh, -c, 'if true; then']` | runs | 0",
                "[cat, /etc/hosts] | 0 | 0",
            })
    void knowsCommands(String words, String code, long seconds) {
        Behavior behavior = of("{name: c, image: 'app:1', command: " + words + "}");

        if (code.equals("runs")) {
            assertThat(behavior).isEqualTo(new Behavior.Runs());
        } else {
            assertThat(behavior)
                    .isEqualTo(new Behavior.Ends(
                            Integer.parseInt(code), seconds == 0 ? PACE : Duration.ofSeconds(seconds)));
        }
    }

    @Test
    void readsArgumentsAsTheCommandsOwn() {
        assertThat(of("{name: c, image: app, command: [sh, -c], args: ['exit 7']}"))
                .isEqualTo(new Behavior.Ends(7, PACE));
        assertThat(of("{name: c, image: 'registry.example.org/library/hello-world:linux'}"))
                .isEqualTo(new Behavior.Ends(0, PACE));
        assertThat(of("{name: c, image: nginx}")).isEqualTo(new Behavior.Runs());
        assertThat(of("{name: c, image: 'registry.example.org/busybox:1.37'}")).isEqualTo(new Behavior.Ends(0, PACE));
        assertThat(of("{name: c, image: busybox, stdin: true}")).isEqualTo(new Behavior.Runs());
    }

    @Test
    void obeysTheAnnotationBeforeAll() {
        ObjectNode pod = parse("{metadata: {annotations: {insula.io/simulate-exit: '4'}}}");
        assertThat(Behavior.of(pod, parse("{name: c, image: nginx, command: ['true']}"), 0, PACE))
                .isEqualTo(new Behavior.Ends(4, PACE.multipliedBy(2)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "foo:non-existent",
                "webserver:404",
                "invalid.registry.k8s.io/invalid/alpine:3.1",
                "registry.invalid/app:1",
                "registry.invalid:5000/app",
                "example.org/app:does-not-exist"
            })
    void findsNoImageThatCannotBe(String image) {
        assertThat(of("{name: c, image: '" + image + "', command: ['true']}"))
                .isInstanceOfSatisfying(
                        Behavior.Missing.class, m -> assertThat(m.reason()).isEqualTo("ErrImagePull"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Nginx", "nginx:", "a//b", "/a", "a b", "a/B:1"})
    void refusesNamesThatAreNone(String image) {
        assertThat(ImageNames.isValid(image) && !image.endsWith(":")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nginx", "nginx:1.2", "registry.k8s.io/e2e-test-images/agnhost:2.53", "localhost:5000/a/b:c",
                "quay.io/x/y@sha256:0123456789abcdef", "Registry.Example.org/app:V1", "agnhost:1.29-4",
                        "invalid-name/app"
            })
    void takesNamesThatAre(String image) {
        assertThat(of("{name: c, image: '" + image + "'}")).isEqualTo(new Behavior.Runs());
    }

    private static Behavior of(String container) {
        return Behavior.of(Json.object(), parse(container), 0, PACE);
    }
}
