package io.insula.tenantapi.schema;

import static io.insula.tenantapi.schema.Trees.yaml;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DefaulterTest {

    private final SchemaType pod =
            ApiSchema.load().type("io.k8s.api.core.v1.Pod").orElseThrow();

    @Test
    void writesMarkedDefaultsIntoPresentObjectsOnly() {
        var object = yaml("""
                metadata: {name: a}
                spec:
                  containers:
                  - name: c
                    ports: [{containerPort: 80}, {containerPort: 53, protocol: UDP}]
                """);
        Defaulter.apply(pod, object);
        assertThat(object).isEqualTo(yaml("""
                metadata: {name: a}
                spec:
                  containers:
                  - name: c
                    ports: [{containerPort: 80, protocol: TCP}, {containerPort: 53, protocol: UDP}]
                """));
    }

    @Test
    void writesNoGoZeroValues() {
        var object = yaml("""
                metadata: {}
                spec: {containers: [{}]}
                status: {}
                """);
        Defaulter.apply(pod, object);
        assertThat(object).isEqualTo(yaml("""
                metadata: {}
                spec: {containers: [{}]}
                status: {}
                """));
    }
}
