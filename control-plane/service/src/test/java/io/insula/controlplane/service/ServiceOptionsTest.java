package io.insula.controlplane.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.insula.rules.network.AddressBlock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class ServiceOptionsTest {

    private static final Map<String, String> BEFORE = Map.of(
            "listen", "0.0.0.0",
            "advertise", "insula.example",
            "admin-port", "20443",
            "host-kubeconfig", "/etc/host.yaml",
            "host-pods", "10.1.0.0/16,10.2.0.0/16",
            "egress", "10.3.0.0/16,fd00:10::/64",
            "kafka-bootstrap", "kafka.example:9093",
            "kafka-config", "/etc/kafka.properties",
            "kafka-topic", "team-a.audit",
            "backups", "/mnt/backups");

    @Test
    void areAsTheyWereWhereNothingIsGiven() {
        ServiceOptions options = options();
        options.completeWith(BEFORE);

        assertThat(options.chosen()).isEqualTo(BEFORE);
    }

    @Test
    void areChangedOneByOne() {
        ServiceOptions options = options("--admin-port", "20444");
        options.completeWith(BEFORE);

        assertThat(options.adminPort()).isEqualTo(20_444);
        assertThat(options.chosen()).containsEntry("listen", "0.0.0.0").containsEntry("admin-port", "20444");
    }

    @Test
    void areTheDefaultAgainWhereTheyAreGivenEmpty() {
        ServiceOptions options = options(
                "--listen=",
                "--advertise=",
                "--admin-port=0",
                "--host-pods=",
                "--egress=",
                "--kafka-bootstrap=",
                "--backups=",
                "--host-kubeconfig=");
        options.completeWith(BEFORE);

        assertThat(options.chosen()).isEmpty();
        assertThat(options.listening().bind()).isEqualTo("127.0.0.1");
        assertThat(options.kafka()).isEmpty();
        assertThat(options.hostKubeconfig()).isNull();
        assertThat(options.hostRanges().equals(options().hostRanges())).isTrue();
        assertThat(options.egress()).isEmpty();
    }

    @Test
    void openPrivateNetworksBlockByBlock() {
        assertThat(options("--egress=10.20.0.0/16,127.0.0.1/32", "--egress", "fd00:10::/64")
                        .egress())
                .containsExactly(
                        AddressBlock.of("10.20.0.0/16"),
                        AddressBlock.of("127.0.0.1/32"),
                        AddressBlock.of("fd00:10::/64"));
        for (String wrong : List.of("10.20.0.1", "10.20.0.0/33", "example.com", "010.0.0.0/8", "198.18.0.0/16")) {
            assertThatThrownBy(() -> options("--egress=" + wrong).check())
                    .isInstanceOf(OptionException.class)
                    .hasMessageContaining("--egress: \"" + wrong + "\" (expected: ")
                    .hasMessageEndingWith("nothing was changed");
        }
    }

    /// The settings of one Kafka, its password among them, are not another's.
    @Test
    void takesNoSettingsOfAnotherKafka() {
        ServiceOptions options = options("--kafka-bootstrap", "other.example:9092");
        options.completeWith(BEFORE);

        assertThat(options.chosen()).doesNotContainKeys("kafka-config", "kafka-topic");
    }

    @Test
    void nameTheTopicOfAKafkaThatIsShared() {
        String kafka = "--kafka-bootstrap=kafka.example:9093";

        assertThat(options(kafka, "--kafka-topic=team-a.audit").kafka())
                .hasValueSatisfying(it -> assertThat(it.topic()).isEqualTo("team-a.audit"));
        assertThat(options(kafka).kafka())
                .hasValueSatisfying(it -> assertThat(it.topic()).isEqualTo("insula.audit"));
        for (String wrong : List.of("a b", "..", ".", "a/b", "ü", "x".repeat(250))) {
            assertThatThrownBy(options(kafka, "--kafka-topic=" + wrong)::check)
                    .isInstanceOf(OptionException.class)
                    .hasMessageContaining("--kafka-topic: \"" + wrong + "\" (expected: a topic's name")
                    .hasMessageEndingWith("nothing was changed");
        }
        assertThatThrownBy(options("--kafka-topic=team-a.audit")::check)
                .as("a broker of its own has no other")
                .isInstanceOf(OptionException.class)
                .hasMessageContaining("--kafka-bootstrap");
    }

    @Test
    void rememberWhichNodesThereAre() {
        ServiceOptions before = options("--nodes", "both");
        assertThat(before.chosen()).isEqualTo(Map.of("nodes", "both"));

        ServiceOptions after = options();
        after.completeWith(before.chosen());
        assertThat(after.nodes()).isEqualTo("both");

        ServiceOptions again = options("--nodes=");
        again.completeWith(before.chosen());
        assertThat(again.nodes()).isEmpty();
        assertThat(again.chosen()).isEmpty();
    }

    @Test
    void refuseNodesThatCannotBe(@TempDir Path folder) throws IOException {
        assertThatCode(options("--nodes", "simulated,containerd")::check).doesNotThrowAnyException();
        assertThatThrownBy(options("--nodes", "real; rm")::check)
                .isInstanceOf(OptionException.class)
                .hasMessageStartingWith("--nodes: \"real; rm\" (expected: real, simulated, both");

        String kubeconfig = Files.writeString(folder.resolve("host.yaml"), "").toString();
        assertThatThrownBy(options("--nodes", "real", "--host-kubeconfig", kubeconfig)::check)
                .isInstanceOf(OptionException.class)
                .hasMessageContaining("the cluster of --host-kubeconfig has nodes of its own");
    }

    @Test
    void reachTheServiceAndAreReadBackFromItsProcess() {
        ServiceOptions options = options("--kafka-config", "relative.properties");
        options.completeWith(BEFORE);
        var command = new ArrayList<>(List.of("java", "-cp", "x", ServiceMain.class.getName(), "--home", "/h"));
        command.addAll(options.asArguments());
        command.add("");

        assertThat(ServiceMain.options(command).chosen())
                .isEqualTo(options.chosen())
                .containsEntry(
                        "kafka-config",
                        Path.of("relative.properties").toAbsolutePath().toString());
    }

    @Test
    void leaveNoHostUnasked() {
        assertThatThrownBy(() -> options("--host-kubeconfig=").requireGivenHostIsKnown(BEFORE, false))
                .isInstanceOf(OptionException.class)
                .hasMessageContaining("/etc/host.yaml")
                .hasMessageContaining("--change-host");
        assertThatThrownBy(() -> options("--host-kubeconfig=x").requireGivenHostIsKnown(Map.of(), true))
                .isInstanceOf(OptionException.class)
                .hasMessageContaining("embedded host");
        for (ServiceOptions fine : List.of(
                options(), options("--host-kubeconfig=elsewhere"), options("--host-kubeconfig=", "--change-host"))) {
            assertThatCode(() -> fine.requireGivenHostIsKnown(BEFORE, false)).doesNotThrowAnyException();
        }
        assertThatCode(() -> options("--host-kubeconfig=x").requireGivenHostIsKnown(Map.of(), false))
                .doesNotThrowAnyException();
    }

    @Test
    void areShownAsAPersonWouldTypeThem() {
        assertThat(ServiceOptions.typed(Map.of("kafka-config", "/my files/k")))
                .isEqualTo("--kafka-config '/my files/k'");
    }

    private static ServiceOptions options(String... arguments) {
        return CommandLine.populateCommand(new ServiceOptions(), arguments);
    }
}
