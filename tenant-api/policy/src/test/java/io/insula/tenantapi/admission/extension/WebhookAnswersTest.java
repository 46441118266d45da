package io.insula.tenantapi.admission.extension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.rules.network.AddressBlock;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionKind;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.auth.Authorizer;
import io.insula.tenantapi.auth.UserInfo;
import io.insula.tenantapi.egress.Egress;
import io.insula.tenantapi.egress.EgressPolicy;
import io.insula.tenantapi.fake.FakeObjectClient;
import io.insula.tenantapi.registry.AdmissionPlugin.Operation;
import io.insula.tenantapi.registry.AdmissionPlugin.Request;
import io.insula.tenantapi.registry.KindRegistry;
import io.insula.tenantapi.webhook.WebhookClient;
import io.insula.tenantapi.webhook.WebhookFailure;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// A webhook answers what it likes: only an answer to this very request counts.
final class WebhookAnswersTest {

    private static final GroupVersionResource CONFIG_MAPS = new GroupVersionResource("", "v1", "configmaps");
    private static final Authorizer NOBODY_ASKS = _ -> {
        throw new UnsupportedOperationException("no conditions here");
    };
    private static final String ADD_A = "[{\"op\": \"add\", \"path\": \"/data\", \"value\": {\"a\": \"b\"}}]";

    private static HookServer hooks;
    private static final AtomicReference<UnaryOperator<ObjectNode>> ANSWER = new AtomicReference<>();

    private final Map<String, String> annotations = new TreeMap<>();
    private final List<String> warnings = new ArrayList<>();

    @BeforeAll
    static void listen() throws Exception {
        hooks = new HookServer();
        hooks.onReview("/", review -> ANSWER.get().apply(review));
    }

    @AfterAll
    static void close() {
        hooks.close();
    }

    /// @param answer what comes back instead of a plain yes
    /// @param problem what is said of it
    record Case(String name, boolean mutating, UnaryOperator<ObjectNode> answer, String problem) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> answersThatDoNotCount() {
        return Stream.of(
                validating(
                        "the uid of another request",
                        yes -> with(yes, "uid", new UUID(0, 1).toString()),
                        "response.uid"),
                validating("no uid", yes -> without(yes, "uid"), "response.uid"),
                validating("an empty uid", yes -> with(yes, "uid", ""), "response.uid"),
                validating("no response", yes -> (ObjectNode) yes.without("response"), "response was absent"),
                validating("a response that is a text", yes -> yes.put("response", "yes"), "response was absent"),
                validating("another version", yes -> yes.put("apiVersion", "admission.k8s.io/v1beta1"), "v1beta1"),
                validating("another kind", yes -> yes.put("kind", "TokenReview"), "TokenReview"),
                validating("yes as a text", yes -> with(yes, "allowed", "true"), "response.allowed"),
                validating("a patch where none is asked for", yes -> patch(yes, "JSONPatch", ADD_A), "may not return"),
                validating("a patch type alone", yes -> with(yes, "patchType", "JSONPatch"), "may not return"),
                mutating("a patch of no type", yes -> with(yes, "patch", encoded(ADD_A)), "not response.patchType"),
                mutating("a type without patch", yes -> with(yes, "patchType", "JSONPatch"), "not response.patch"),
                mutating("a patch of another type", yes -> patch(yes, "MergePatch", "{}"), "unsupported patch type"),
                mutating("a patch that is no list", yes -> patch(yes, "JSONPatch", "{}"), "no list of operations"),
                mutating(
                        "a patch that is no base64",
                        yes -> with(with(yes, "patch", "?"), "patchType", "JSONPatch"),
                        "no list of operations"),
                mutating(
                        "another's uid beside a patch",
                        yes -> with(patch(yes, "JSONPatch", ADD_A), "uid", "x"),
                        "uid"));
    }

    @ParameterizedTest
    @MethodSource("answersThatDoNotCount")
    void refusesTheRequestWhereItMustBeAsked(Case wrong) throws Exception {
        ANSWER.set(review -> wrong.answer().apply(talkative(yes(review))));

        assertThatExceptionOfType(ApiException.class)
                .isThrownBy(() -> ask("Fail", wrong.mutating()))
                .withMessageContaining("failed calling webhook \"hook.example.com\"")
                .withMessageContaining(wrong.problem())
                .satisfies(e -> assertThat(e.code()).isEqualTo(500));
    }

    /// A yes that does not count is as good as none; nor does anything else of it.
    @ParameterizedTest
    @MethodSource("answersThatDoNotCount")
    void goesOnWithoutTheAnswerWhereItMayFail(Case wrong) throws Exception {
        ANSWER.set(review -> wrong.answer().apply(talkative(yes(review))));

        assertThat(ask("Ignore", wrong.mutating())).isEmpty();
        assertThat(annotations).containsEntry("failed-open.round", "hook.example.com");
        if (!wrong.name().startsWith("a patch of another") && !wrong.problem().startsWith("no list")) {
            assertThat(annotations).hasSize(1);
            assertThat(warnings).isEmpty();
        }
    }

    @Test
    void takesTheAnswerToTheVeryRequest() throws Exception {
        ANSWER.set(review -> talkative(yes(review)));
        assertThat(ask("Fail", false)).isPresent();
        assertThat(warnings).containsExactly("mind the gap");
        assertThat(annotations).containsEntry("hook.example.com/seen", "yes");

        ANSWER.set(review -> patch(yes(review), "JSONPatch", ADD_A));
        assertThat(ask("Fail", true).orElseThrow().patch()).hasSize(1);
    }

    @Test
    void asksUnderAnotherUidEachTime() throws Exception {
        ANSWER.set(WebhookAnswersTest::yes);
        hooks.asked.clear();
        var _ = ask("Fail", false);
        var _ = ask("Fail", false);

        assertThat(hooks.asked).hasSize(2);
        assertThat(hooks.asked.get(0).path("uid"))
                .isNotEqualTo(hooks.asked.get(1).path("uid"));
    }

    @Test
    void doesAsItIsToldByARefusal() {
        ANSWER.set(review -> with(yes(review), "allowed", false));
        assertThatExceptionOfType(ApiException.class)
                .isThrownBy(() -> ask("Ignore", false))
                .withMessage("admission webhook \"hook.example.com\" denied the request without explanation");
        ANSWER.set(review -> without(yes(review), "allowed"));
        assertThatExceptionOfType(ApiException.class)
                .isThrownBy(() -> ask("Ignore", false))
                .as("no word is no yes")
                .withMessageContaining("denied the request");
    }

    /// Who may do something beside answering is not asked about what shall leave nothing behind; not even to be
    /// ignored.
    @ParameterizedTest
    @CsvSource({"Some, true", "Some, false", "Unknown, true", "Unknown, false"})
    void isNotAskedInADryRunWhereItHasSideEffects(String effects, boolean mutating) throws Exception {
        ANSWER.set(WebhookAnswersTest::yes);
        hooks.asked.clear();
        for (String policy : List.of("Fail", "Ignore")) {
            assertThatExceptionOfType(ApiException.class)
                    .isThrownBy(() -> ask(policy, effects, true, mutating))
                    .withMessage("admission webhook \"hook.example.com\" does not support dry run")
                    .satisfies(e -> assertThat(e.code()).isEqualTo(400));
        }
        assertThat(hooks.asked).isEmpty();
        assertThat(ask("Fail", effects, false, mutating))
                .as("of a real request")
                .isPresent();
    }

    @ParameterizedTest
    @CsvSource({"None, true", "None, false", "NoneOnDryRun, true", "NoneOnDryRun, false"})
    void isAskedInADryRunWhereItHasNone(String effects, boolean mutating) throws Exception {
        ANSWER.set(WebhookAnswersTest::yes);
        hooks.asked.clear();
        assertThat(ask("Fail", effects, true, mutating)).isPresent();
        assertThat(hooks.asked)
                .singleElement()
                .satisfies(asked -> assertThat(asked.path("dryRun").asBoolean()).isTrue());
    }

    private Optional<WebhookCalls.Allowed> ask(String failurePolicy, boolean mutating) throws Exception {
        return ask(failurePolicy, "None", false, mutating);
    }

    private Optional<WebhookCalls.Allowed> ask(
            String failurePolicy, String sideEffects, boolean dryRun, boolean mutating) throws Exception {
        ObjectNode configuration =
                FakeObjectClient.yaml("""
                metadata: {name: configuration}
                webhooks:
                - name: hook.example.com
                  failurePolicy: %s
                  sideEffects: %s
                  namespaceSelector: {}
                  objectSelector: {}
                  clientConfig: {url: '%s', caBundle: '%s'}
                  rules: [{apiGroups: [''], apiVersions: [v1], operations: ['*'], resources: [configmaps]}]
                """.formatted(failurePolicy, sideEffects, hooks.url("/"), hooks.caBundle()));
        Webhook hook = Webhook.of(configuration).getFirst();
        ObjectNode object = FakeObjectClient.yaml("metadata: {name: m, namespace: ns}");
        Request request = request(object, dryRun);
        var policy = EgressPolicy.CLOSED.opening(List.of(AddressBlock.of("127.0.0.0/8")));
        try (var egress = new Egress(policy, List.of())) {
            var client = new WebhookClient(egress, (_, _, _) -> {
                throw new WebhookFailure("no services here");
            });
            var calls = new WebhookCalls(client, new Equivalents(new KindRegistry(List.of())));
            return calls.call(hook, request, calls.match(hook, request).orElseThrow(), object, mutating, "round");
        }
    }

    private Request request(ObjectNode object, boolean dryRun) {
        return new Request(
                Operation.CREATE,
                CONFIG_MAPS,
                new GroupVersionKind("", "v1", "ConfigMap"),
                "",
                "ns",
                "m",
                object,
                null,
                UserInfo.loopback(),
                dryRun,
                new FakeObjectClient(),
                NOBODY_ASKS,
                warnings,
                annotations::put);
    }

    private static Case validating(String name, UnaryOperator<ObjectNode> answer, String problem) {
        return new Case(name, false, answer, problem);
    }

    private static Case mutating(String name, UnaryOperator<ObjectNode> answer, String problem) {
        return new Case(name, true, answer, problem);
    }

    private static ObjectNode yes(ObjectNode review) {
        ObjectNode answer = Json.object().put("kind", "AdmissionReview").put("apiVersion", "admission.k8s.io/v1");
        answer.putObject("response")
                .put("allowed", true)
                .put("uid", review.path("request").path("uid").asText());
        return answer;
    }

    private static ObjectNode talkative(ObjectNode answer) {
        ObjectNode response = answer.withObjectProperty("response");
        response.putArray("warnings").add("mind the gap");
        response.putObject("auditAnnotations").put("seen", "yes");
        return answer;
    }

    private static ObjectNode with(ObjectNode answer, String field, String value) {
        answer.withObjectProperty("response").put(field, value);
        return answer;
    }

    private static ObjectNode with(ObjectNode answer, String field, boolean value) {
        answer.withObjectProperty("response").put(field, value);
        return answer;
    }

    private static ObjectNode without(ObjectNode answer, String field) {
        answer.withObjectProperty("response").remove(field);
        return answer;
    }

    private static ObjectNode patch(ObjectNode answer, String type, String patch) {
        return with(with(answer, "patch", encoded(patch)), "patchType", type);
    }

    private static String encoded(String patch) {
        return Base64.getEncoder().encodeToString(patch.getBytes(StandardCharsets.UTF_8));
    }
}
