package io.insula.syncer.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.syncer.engine.Change.ApplyToHost;
import io.insula.syncer.engine.Change.DeleteFromHost;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.engine.SyncEvent.Paired;
import io.insula.syncer.engine.SyncEvent.TenantOnly;
import org.junit.jupiter.api.Test;

class DisruptionBudgetSyncerTest {

    private static final String COUNTED = "{desiredHealthy: 2, observedGeneration: 1}";
    private static final FixedView VIEW = FixedView.of("runc")
            .withTenant(
                    pod("a", "shop", "web"),
                    pod("b", "shop", "web"),
                    pod("c", "shop", "web"),
                    pod("d", "shop", "db"),
                    pod("e", "books", "web"));

    @Test
    void isForTheTenantsPodsOfItsNamespaceOnly() {
        var selector = host("{selector: {matchLabels: {app: web, insula.io/tenant: globex}}, minAvailable: 2}", COUNTED)
                .getSpec()
                .getSelector();

        assertThat(selector.getMatchLabels())
                .containsEntry(InsulaLabels.TENANT, "acme")
                .containsEntry("tenant.insula.io/app", "web")
                .doesNotContainKey("app");
        assertThat(selector.getMatchExpressions()).singleElement().satisfies(each -> {
            assertThat(each.getKey()).isEqualTo(InsulaLabels.NAMESPACE);
            assertThat(each.getValues()).containsExactly("shop");
        });
    }

    /// Host pods have no controller there whose replicas could be counted.
    @Test
    void saysAsANumberWhatTheTenantsControllerCounted() {
        for (var spec : new String[] {"maxUnavailable: 1", "minAvailable: 60%", "maxUnavailable: 30%"}) {
            var made = host("{selector: {matchLabels: {app: web}}, " + spec + "}", COUNTED)
                    .getSpec();

            assertThat(made.getMinAvailable().getIntVal()).as(spec).isEqualTo(2);
            assertThat(made.getMaxUnavailable()).as(spec).isNull();
        }
    }

    @Test
    void letsNoPodGoBeforeTheyAreCounted() {
        for (var status : new String[] {
            "{}",
            "{desiredHealthy: 0, observedGeneration: 0}",
            "{desiredHealthy: 0, observedGeneration: 1, conditions: [{type: DisruptionAllowed, reason: SyncFailed}]}"
        }) {
            assertThat(host("{selector: {matchLabels: {app: web}}, maxUnavailable: 1}", status)
                            .getSpec()
                            .getMinAvailable()
                            .getIntVal())
                    .as(status)
                    .isEqualTo(3);
        }
        assertThat(new DisruptionBudgetSyncer()
                        .dependents(pod("f", "shop", "web"), VIEW.withTenant(budget("{selector: {}}", "{}"))))
                .hasSize(1);
    }

    @Test
    void isNotOnTheHostWhereItSelectsNothing() {
        var none = budget("{minAvailable: 1}", COUNTED);

        assertThat(new DisruptionBudgetSyncer().decide(new TenantOnly<>(none), VIEW))
                .isEmpty();
        assertThat(new DisruptionBudgetSyncer().decide(new Paired<>(none, none), VIEW))
                .singleElement()
                .isInstanceOf(DeleteFromHost.class);
    }

    private static PodDisruptionBudget host(String spec, String status) {
        var change = new DisruptionBudgetSyncer()
                .decide(new TenantOnly<>(budget(spec, status)), VIEW)
                .getFirst();
        return (PodDisruptionBudget) ((ApplyToHost) change).wanted();
    }

    private static PodDisruptionBudget budget(String spec, String status) {
        return Serialization.unmarshal(
                "metadata: {name: b, namespace: shop, uid: b1, generation: 1}\nspec: " + spec + "\nstatus: " + status,
                PodDisruptionBudget.class);
    }

    private static Pod pod(String name, String namespace, String app) {
        return Serialization.unmarshal(
                "kind: Pod\nmetadata: {name: " + name + ", namespace: " + namespace + ", labels: {app: " + app + "}}",
                Pod.class);
    }
}
