package io.insula.syncer.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.insula.syncer.engine.Change;
import io.insula.syncer.engine.Change.ApplyToHost;
import io.insula.syncer.engine.Change.ApplyToTenant;
import io.insula.syncer.engine.Change.CreateOnHost;
import io.insula.syncer.engine.Change.IssueTokens;
import io.insula.syncer.engine.Change.LookAgain;
import io.insula.syncer.engine.Change.PatchTenant;
import io.insula.syncer.engine.SyncEvent.TenantOnly;
import io.insula.syncer.engine.Syncer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Every directory of `cases` is a case: what becomes of the first object of `tenant.yaml`, the others being
/// there too, is `host.yaml`. A new case needs no Java; `-Dupdate.golden` writes what is missing or changed.
class CasesTest {

    private static final Path CASES = Path.of("src/test/resources/cases");
    private static final KubernetesSerialization SERIALIZATION = new KubernetesSerialization();
    private static final ObjectMapper YAML = YAMLMapper.builder()
            .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
            .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
            .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .build();

    /// Says where the host's pods are.
    private static final Node NODE = new NodeBuilder()
            .withNewMetadata()
            .withName("n1")
            .endMetadata()
            .withNewSpec()
            .withPodCIDRs("10.244.0.0/16")
            .endSpec()
            .build();

    @TestFactory
    Stream<DynamicTest> decidesEveryCaseAsRecorded() throws IOException {
        try (var cases = Files.list(CASES)) {
            return cases.sorted().toList().stream()
                    .map(dir -> DynamicTest.dynamicTest(dir.getFileName().toString(), () -> check(dir)));
        }
    }

    private static void check(Path dir) throws IOException {
        var objects = new ArrayList<HasMetadata>();
        for (var document : Files.readString(dir.resolve("tenant.yaml")).split("(?m)^---$", -1)) {
            objects.add(SERIALIZATION.unmarshal(document));
        }
        var view = FixedView.of("runc", NODE)
                .withHost(
                        IngressWorld.shared("public"),
                        IngressWorld.claim("acme", "shop", "web", "shop.example.com"),
                        IngressWorld.claim("globex", "default", "site", "globex.example.com"))
                .withTenant(objects.toArray(HasMetadata[]::new));
        var answers = Beans.syncers().stream()
                .filter(syncer -> syncer.spec().kind().type().isInstance(objects.getFirst()))
                .flatMap(syncer -> decide(syncer, objects.getFirst(), view).stream())
                .map(CasesTest::render)
                .toList();
        var text = YAML.writeValueAsString(answers);
        var golden = dir.resolve("host.yaml");
        if (System.getProperty("update.golden") != null) {
            Files.writeString(golden, text);
        }
        assertThat(text).isEqualTo(Files.readString(golden));
    }

    private static <T extends HasMetadata> List<Change> decide(Syncer<T> syncer, HasMetadata object, FixedView view) {
        return syncer.decide(new TenantOnly<>(syncer.spec().kind().type().cast(object)), view);
    }

    private static Map<String, Object> render(Change change) {
        return switch (change) {
            case ApplyToHost(var _, var wanted) -> Map.of("applyToHost", wanted);
            case CreateOnHost(var _, var wanted) -> Map.of("createOnHost", wanted);
            case ApplyToTenant(var _, var wanted, var _) -> Map.of("applyToTenant", wanted);
            case PatchTenant(var _, var _, var _, var patch) -> Map.of("patchTenant", patch);
            case IssueTokens(var _, var secret, var tokens) ->
                Map.of("issueTokens", tokens, "into", secret.getMetadata().getName());
            case LookAgain(var _, var waitingFor) -> Map.of("waitFor", waitingFor);
            default -> Map.of("other", change.getClass().getSimpleName());
        };
    }
}
