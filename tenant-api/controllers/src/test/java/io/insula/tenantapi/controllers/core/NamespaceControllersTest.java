package io.insula.tenantapi.controllers.core;

import static io.insula.tenantapi.controllers.ManagerFixture.ROOT_CA;
import static io.insula.tenantapi.controllers.ManagerFixture.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.FakeApi;
import io.insula.tenantapi.controllers.ManagerFixture;
import io.insula.tenantapi.controllers.Resources;
import io.insula.tenantapi.view.Condition;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class NamespaceControllersTest {

    private final ManagerFixture fixture = new ManagerFixture(
            new NamespaceController.Factory(), new ServiceAccountController.Factory(), new RootCaPublisher.Factory());

    @AfterEach
    void stop() {
        fixture.close();
    }

    @Test
    void givesEachNamespaceItsAccountAndRootCertificate() {
        namespace("shop");
        await("the account", () -> fixture.has(Resources.SERVICE_ACCOUNTS, "shop", "default"));
        await("the certificate", () -> fixture.has(Resources.CONFIG_MAPS, "shop", "kube-root-ca.crt"));
        assertThat(fixture.get(Resources.CONFIG_MAPS, "shop", "kube-root-ca.crt")
                        .at("/data/ca.crt")
                        .asText())
                .isEqualTo(ROOT_CA);
    }

    @Test
    void bringsThemBackWhenDeletedOrChanged() {
        namespace("shop");
        await("the account", () -> fixture.has(Resources.SERVICE_ACCOUNTS, "shop", "default"));
        await("the certificate", () -> fixture.has(Resources.CONFIG_MAPS, "shop", "kube-root-ca.crt"));
        String first = Meta.uid(fixture.get(Resources.SERVICE_ACCOUNTS, "shop", "default"));
        fixture.api.delete(Resources.SERVICE_ACCOUNTS, "shop", "default", FakeApi.options());
        await(
                "a new account",
                () -> fixture.api
                        .get(Resources.SERVICE_ACCOUNTS, "shop", "default")
                        .filter(a -> !Meta.uid(a).equals(first))
                        .isPresent());

        fixture.api.mergePatch(
                Resources.CONFIG_MAPS,
                "shop",
                "kube-root-ca.crt",
                "",
                ManagerFixture.parse("{data: {ca.crt: forged, more: x}}"));
        await(
                "the repair",
                () -> fixture.get(Resources.CONFIG_MAPS, "shop", "kube-root-ca.crt")
                        .path("data")
                        .equals(ManagerFixture.parse("{}").put("ca.crt", ROOT_CA)));
    }

    @Test
    void emptiesAndRemovesADeletedNamespace() {
        namespace("shop");
        fixture.create(Resources.CONFIG_MAPS, "shop", "{metadata: {name: settings}}");
        fixture.create(Resources.DEPLOYMENTS, "shop", "{metadata: {name: web}, spec: {}}");
        fixture.api.delete(Resources.NAMESPACES, "", "shop", FakeApi.options());
        await("the namespace to go", () -> !fixture.has(Resources.NAMESPACES, "", "shop"));
        assertThat(fixture.list(Resources.CONFIG_MAPS, "shop")).isEmpty();
        assertThat(fixture.list(Resources.SERVICE_ACCOUNTS, "shop")).isEmpty();
        assertThat(fixture.list(Resources.DEPLOYMENTS, "shop")).isEmpty();
    }

    @Test
    void leavesEverythingElseAloneUntilThePodsAreGone() {
        namespace("shop");
        fixture.create(Resources.PODS, "shop", "{metadata: {name: p}, spec: {nodeName: n1}}");
        fixture.create(Resources.CONFIG_MAPS, "shop", "{metadata: {name: settings}}");
        fixture.api.delete(Resources.NAMESPACES, "", "shop", FakeApi.options());
        await("the pod's deletion", () -> Meta.isBeingDeleted(fixture.get(Resources.PODS, "shop", "p")));
        await(
                "the condition",
                () -> Condition.isTrue(fixture.get(Resources.NAMESPACES, "", "shop"), "NamespaceContentRemaining"));
        assertThat(Condition.of(fixture.get(Resources.NAMESPACES, "", "shop"), "NamespaceContentRemaining")
                        .message())
                .isEqualTo("Some resources are remaining: pods. has 1 resource instances");
        assertThat(fixture.has(Resources.CONFIG_MAPS, "shop", "settings")).isTrue();

        fixture.api.delete(Resources.PODS, "shop", "p", FakeApi.options().put("gracePeriodSeconds", 0));
        await("the namespace to go", () -> !fixture.has(Resources.NAMESPACES, "", "shop"));
        List<String> writes = fixture.api.writes();
        assertThat(writes.lastIndexOf("delete pods p")).isLessThan(writes.indexOf("delete configmaps settings"));
    }

    @Test
    void namesTheFinalizersItWaitsFor() {
        namespace("shop");
        fixture.create(Resources.CONFIG_MAPS, "shop", "{metadata: {name: held, finalizers: [example.com/hold]}}");
        fixture.api.delete(Resources.NAMESPACES, "", "shop", FakeApi.options());
        await(
                "the condition",
                () -> Condition.isTrue(fixture.get(Resources.NAMESPACES, "", "shop"), "NamespaceFinalizersRemaining"));
        fixture.api.mergePatch(
                Resources.CONFIG_MAPS, "shop", "held", "", ManagerFixture.parse("{metadata: {finalizers: []}}"));
        await("the namespace to go", () -> !fixture.has(Resources.NAMESPACES, "", "shop"));
    }

    /// Something of the namespace may be left where nobody answers.
    @Test
    void waitsForAggregatedServersThatDoNotAnswerAndSaysSo() {
        namespace("shop");
        fixture.create(Resources.CONFIG_MAPS, "shop", "{metadata: {name: settings}}");
        fixture.create(
                Resources.API_SERVICES,
                "",
                "{metadata: {name: v1.apps}, spec: {group: apps, version: v1}, status: {conditions: []}}");
        fixture.create(
                Resources.API_SERVICES,
                "",
                "{metadata: {name: v1beta1.metrics.k8s.io}, spec: {group: metrics.k8s.io, version: v1beta1, service: {name:"
                        + " m, namespace: kube-system}}, status: {conditions: [{type: Available, status: 'False'}]}}");
        fixture.api.delete(Resources.NAMESPACES, "", "shop", FakeApi.options());

        await(
                "the condition",
                () -> Condition.isTrue(
                        fixture.get(Resources.NAMESPACES, "", "shop"), "NamespaceDeletionDiscoveryFailure"));
        Condition told =
                Condition.of(fixture.get(Resources.NAMESPACES, "", "shop"), "NamespaceDeletionDiscoveryFailure");
        assertThat(told.reason()).isEqualTo("DiscoveryFailed");
        assertThat(told.message())
                .isEqualTo("Discovery failed for some groups, 1 failing: unable to retrieve the complete list of server"
                        + " APIs: metrics.k8s.io/v1beta1: stale GroupVersion discovery: metrics.k8s.io/v1beta1");
        await(
                "all else to go",
                () -> fixture.list(Resources.CONFIG_MAPS, "shop").isEmpty());

        fixture.api.mergePatch(
                Resources.API_SERVICES,
                "",
                "v1beta1.metrics.k8s.io",
                "status",
                ManagerFixture.parse("{status: {conditions: [{type: Available, status: 'True'}]}}"));
        await("the namespace to go", () -> !fixture.has(Resources.NAMESPACES, "", "shop"));
    }

    /// Whoever makes the namespace anew would find them there again.
    @Test
    void deletesWhatOtherServersKeepOfIt() {
        var flunders = new GroupVersionResource("wardle.example.com", "v1alpha1", "flunders");
        fixture.api.serveBehind(flunders, "Flunder");
        namespace("shop");
        fixture.create(flunders, "shop", "{metadata: {name: f, finalizers: [example.com/hold]}}");
        fixture.create(flunders, "other", "{metadata: {name: g}}");
        fixture.api.delete(Resources.NAMESPACES, "", "shop", FakeApi.options());

        await(
                "the condition",
                () -> Condition.isTrue(fixture.get(Resources.NAMESPACES, "", "shop"), "NamespaceFinalizersRemaining"));
        fixture.api.mergePatch(flunders, "shop", "f", "", ManagerFixture.parse("{metadata: {finalizers: []}}"));
        await("the namespace to go", () -> !fixture.has(Resources.NAMESPACES, "", "shop"));
        assertThat(fixture.has(flunders, "shop", "f")).isFalse();
        assertThat(fixture.has(flunders, "other", "g")).isTrue();
    }

    private void namespace(String name) {
        fixture.create(Resources.NAMESPACES, "", "{metadata: {name: " + name + "}, spec: {}}");
    }
}
