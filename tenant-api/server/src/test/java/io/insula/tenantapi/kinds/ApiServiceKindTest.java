package io.insula.tenantapi.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ApiServiceKindTest {

    private static final String REMOTE = """
            {metadata: {name: v1.a.example}, spec: {group: a.example, version: v1, groupPriorityMinimum: 20000,
             versionPriority: 1000, caBundle: QUJD, service: {namespace: d, name: api}}}""";
    private static final String LOCAL = """
            {metadata: {name: v1.}, spec: {version: v1, groupPriorityMinimum: 1, versionPriority: 1}}""";

    private final Writes apiServices = new Writes("apiregistration.k8s.io/v1", "APIService");

    @Test
    void takesWhatUpstreamTakes() {
        assertThat(apiServices.createErrors(REMOTE)).isEmpty();
        assertThat(apiServices.createErrors(LOCAL)).isEmpty();
        assertThat(apiServices.kind().checkName("v1.")).isEmpty();
    }

    @Test
    void reachesServicesAtPort443UnlessItIsSaid() {
        assertThat(apiServices.defaulted(REMOTE).at("/spec/service/port").asInt())
                .isEqualTo(443);
    }

    @Test
    void isAvailableFromTheStartWhereItIsLocal() {
        JsonNode condition = apiServices.prepared(LOCAL).at("/status/conditions/0");

        assertThat(condition.path("status").asText()).isEqualTo("True");
        assertThat(condition.path("reason").asText()).isEqualTo("Local");
        assertThat(condition.path("lastTransitionTime").asText()).isNotEmpty();
        assertThat(apiServices.prepared(REMOTE).has("status")).isFalse();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            name: v1.a.example | name: v1.b.example | metadata.name: Invalid value: "v1.b.example": must be `spec.version+"."+spec.group`: "v1.a.example"
            group: a.example | group: A_b | spec.group: Invalid value: "A_b": a lowercase RFC 1123 subdomain
            version: v1 | version: 1v | spec.version: Invalid value: "1v": a DNS-1035 label
            groupPriorityMinimum: 20000 | groupPriorityMinimum: 20001 | spec.groupPriorityMinimum: Invalid value: 20001: must be positive and less than 20000
            versionPriority: 1000 | versionPriority: 0 | spec.versionPriority: Invalid value: 0: must be positive and less than 1000
            name: api} | name: api, port: 70000} | spec.service.port: Invalid value: 70000: port is not valid: must be between 1 and 65535, inclusive
            namespace: d, | namespace: '', | spec.service.namespace: Required value
            caBundle: QUJD | caBundle: QUJD, insecureSkipTLSVerify: true | spec.insecureSkipTLSVerify: Invalid value: true: may not be true if caBundle is present
            ', service: {namespace: d, name: api}' | '' | spec.caBundle: Invalid value: "3 bytes": local APIServices may not have a caBundle
            """)
    void refusesWithUpstreamsWords(String part, String other, String finding) {
        assertThat(REMOTE).contains(part);
        assertThat(apiServices.createErrors(REMOTE.replace(part, other)))
                .anySatisfy(text -> assertThat(text).startsWith(finding));
        assertThat(apiServices.updateErrors(REMOTE.replace(part, other), REMOTE))
                .anySatisfy(text -> assertThat(text).startsWith(finding));
    }
}
