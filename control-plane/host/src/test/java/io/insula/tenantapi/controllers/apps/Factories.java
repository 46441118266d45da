package io.insula.tenantapi.controllers.apps;

import io.insula.tenantapi.controllers.ControllerFactory;
import java.util.List;

/// Lets tests of other packages run the workload controllers.
public final class Factories {

    private Factories() {}

    public static List<ControllerFactory> all() {
        return List.of(new ReplicaSetController.Factory(), new DeploymentController.Factory());
    }
}
