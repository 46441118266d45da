package io.insula.tenantapi.controllers.rbac;

import static io.insula.tenantapi.controllers.ManagerFixture.await;

import io.insula.tenantapi.controllers.ManagerFixture;
import io.insula.tenantapi.controllers.Resources;
import org.junit.jupiter.api.Test;

final class ClusterRoleAggregationTest {

    @Test
    void gathersTheRulesOfSelectedRoles() {
        try (var fixture = new ManagerFixture(new ClusterRoleAggregation.Factory())) {
            fixture.create(
                    Resources.CLUSTER_ROLES,
                    "",
                    "{metadata: {name: all}, aggregationRule: {clusterRoleSelectors: [{matchLabels: {to-all: 'true'}}]}}");
            for (String name : new String[] {"one", "two"}) {
                fixture.create(
                        Resources.CLUSTER_ROLES,
                        "",
                        "{metadata: {name: " + name
                                + ", labels: {to-all: 'true'}}, rules: [{apiGroups: [''], resources: [" + name
                                + "], verbs: [get]}]}");
            }
            await(
                    "both rules",
                    () -> fixture.get(Resources.CLUSTER_ROLES, "", "all")
                                    .path("rules")
                                    .size()
                            == 2);
        }
    }
}
