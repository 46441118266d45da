package io.insula.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/// A run of all tests makes a bill of materials of every artefact that is shipped, and it says under which licence each
/// part is.
final class BillOfMaterialsTest {

    private static final Path ROOT = Path.of("..");

    @Test
    void everyArtefactSaysWhatItIsMadeOf() throws IOException {
        Assumptions.assumeTrue(
                System.getProperty("insula.bills") != null, "only `./insula test` of everything makes them, online");
        List<Path> artefacts = artefacts();
        assertThat(artefacts).hasSizeGreaterThan(15);
        for (Path artefact : artefacts) {
            assertThat(artefact.resolve("target/bom.json")).exists();
            assertThat(artefact.resolve("target/bom.xml")).exists();
        }

        shipped("control-plane/cli", "micronaut-inject", "kubernetes-client-api", "kafka-clients", "jetcd-core");
        // the other JVM's class path
        shipped("control-plane/broker", "kafka_2.13", "scala-library", "logback-classic");
    }

    /// What is put on a class path has these parts, and a licence for each.
    private static void shipped(String artefact, String... parts) throws IOException {
        JsonNode bill = bill(ROOT.resolve(artefact));
        assertThat(bill.path("components").findValuesAsText("name"))
                .as(artefact)
                .contains(parts);
        assertThat(unlicensed(bill)).as(artefact).isEmpty();
    }

    /// Parts of others of which nobody can say under which licence they are.
    private static List<String> unlicensed(JsonNode bill) {
        return bill.path("components")
                .valueStream()
                .filter(part -> !part.path("group").asText().equals("io.insula"))
                .filter(part -> part.path("licenses").isEmpty())
                .map(part -> part.path("purl").asText())
                .toList();
    }

    private static JsonNode bill(Path artefact) throws IOException {
        return new ObjectMapper().readTree(artefact.resolve("target/bom.json").toFile());
    }

    /// All that have sources of the product.
    private static List<Path> artefacts() throws IOException {
        try (Stream<Path> all = Files.find(ROOT, 3, (file, _) -> file.endsWith("pom.xml"))) {
            return all.map(Path::getParent)
                    .filter(folder -> Files.isDirectory(folder.resolve("src/main/java")))
                    .filter(folder -> !folder.endsWith("integration-tests"))
                    .toList();
        }
    }
}
