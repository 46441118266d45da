package io.insula.tenantapi.admission.plugins;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.fake.FakeObjectClient;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NamespaceLifecycleTest {

    private static final GroupVersionResource NAMESPACES = FakeObjectClient.core("namespaces");
    private static final GroupVersionResource PODS = FakeObjectClient.core("pods");
    private static final String IN_GONE = "metadata: {name: p, namespace: gone}";
    private static final String IN_ENDING = "metadata: {name: p, namespace: ending}";

    private final NamespaceLifecycle plugin = new NamespaceLifecycle();
    private final FakeObjectClient store = new FakeObjectClient()
            .with(
                    NAMESPACES,
                    "{metadata: {name: shop}, status: {phase: Active}}",
                    "{metadata: {name: ending}, status: {phase: Terminating}}");

    @Test
    void refusesWritesToAMissingNamespace() {
        assertThatThrownBy(() -> Admission.create(plugin, store, PODS, IN_GONE))
                .isInstanceOfSatisfying(
                        ApiException.class, e -> Assertions.assertThat(e.code()).isEqualTo(404))
                .hasMessage("namespaces \"gone\" not found");
    }

    @Test
    void refusesNewObjectsInATerminatingNamespaceWithTheCause() {
        assertThatThrownBy(() -> Admission.create(plugin, store, PODS, IN_ENDING))
                .hasMessage("pods \"p\" is forbidden: unable to create new content in namespace ending because it is"
                        + " being terminated")
                .isInstanceOfSatisfying(
                        ApiException.class,
                        e -> Assertions.assertThat(e.status()
                                        .path("details")
                                        .path("causes")
                                        .path(0)
                                        .path("reason")
                                        .asText())
                                .isEqualTo("NamespaceTerminating"));
    }

    @Test
    void allowsUpdatesAndDeletesInATerminatingNamespace() {
        assertThatCode(() -> {
                    Admission.update(plugin, store, PODS, IN_ENDING, IN_ENDING);
                    Admission.delete(plugin, store, PODS, IN_ENDING);
                })
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(strings = {"default", "kube-system", "kube-public"})
    void keepsTheNamespacesThatAClusterNeeds(String name) {
        assertThatThrownBy(() -> Admission.delete(plugin, store, NAMESPACES, "metadata: {name: " + name + "}"))
                .hasMessage("namespaces \"" + name + "\" is forbidden: this namespace may not be deleted");
    }

    @Test
    void letsOtherNamespacesGo() {
        assertThatCode(() -> Admission.delete(plugin, store, NAMESPACES, "metadata: {name: kube-node-lease}"))
                .doesNotThrowAnyException();
    }
}
