package io.insula.syncer.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.syncer.engine.Change;
import io.insula.syncer.engine.Change.DeleteFromHost;
import io.insula.syncer.engine.Change.IssueTokens;
import io.insula.syncer.engine.Change.Proof;
import io.insula.syncer.engine.Change.TokenWish;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.engine.SyncEvent;
import io.insula.syncer.engine.SyncEvent.HostOnly;
import io.insula.syncer.engine.SyncEvent.Paired;
import io.insula.syncer.engine.SyncEvent.TenantOnly;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TokenSyncerTest {

    private static final FixedView VIEW = FixedView.of("runc");
    private static final Pod POD = Serialization.unmarshal("""
            metadata: {name: web, namespace: shop, uid: u1}
            spec:
              serviceAccountName: builder
              containers: [{name: c, image: i}]
              volumes:
                - name: kube-api-access-x
                  projected:
                    sources:
                      - {configMap: {name: kube-root-ca.crt}}
                      - {serviceAccountToken: {path: token, expirationSeconds: 3607}}
                - name: vault
                  projected:
                    sources: [{serviceAccountToken: {path: token, audience: vault, expirationSeconds: 600}}]
                - name: other
                  projected:
                    sources: [{serviceAccountToken: {path: token}}]
            """, Pod.class);

    private final TokenSyncer syncer = new TokenSyncer();

    record Case(String name, SyncEvent<Pod> event, List<Class<? extends Change>> want) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<Case> cases() {
        var fresh = secret(FixedView.NOW.plusSeconds(1).toString());
        var due = secret(FixedView.NOW.toString());
        var finished = new PodBuilder(POD)
                .withNewStatus()
                .withPhase("Succeeded")
                .endStatus()
                .build();
        var gated = new PodBuilder(POD)
                .editSpec()
                .addNewSchedulingGate("quota")
                .endSpec()
                .build();
        var plain =
                new PodBuilder(POD).editSpec().withVolumes(List.of()).endSpec().build();
        return List.of(
                new Case("a new pod gets its tokens", new TenantOnly<>(POD), List.of(IssueTokens.class)),
                new Case("a pod that mounts none gets none", new TenantOnly<>(plain), List.of()),
                new Case("a gated pod gets none yet", new TenantOnly<>(gated), List.of()),
                new Case("a finished pod gets none any more", new TenantOnly<>(finished), List.of()),
                new Case("tokens are kept until they are due", new Paired<>(POD, fresh), List.of()),
                new Case("tokens are renewed when due", new Paired<>(POD, due), List.of(IssueTokens.class)),
                new Case("a finished pod's are not renewed", new Paired<>(finished, due), List.of()),
                new Case(
                        "a Secret of unknown age is renewed",
                        new Paired<>(POD, secret("?")),
                        List.of(IssueTokens.class)),
                new Case("tokens go with the pod", new HostOnly<>(fresh), List.of(DeleteFromHost.class)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void decides(Case each) {
        assertThat(syncer.decide(each.event(), VIEW))
                .extracting(change -> (Object) change.getClass())
                .isEqualTo(List.copyOf(each.want()));
    }

    @Test
    void asksForWhatEachVolumeAsksFor() {
        var issue = (IssueTokens) syncer.decide(new TenantOnly<>(POD), VIEW).getFirst();

        assertThat(issue.tokens())
                .containsExactly(
                        new TokenWish("kube-api-access-x.1", "", 3607),
                        new TokenWish("vault.0", "vault", 600),
                        new TokenWish("other.0", "", 3600));
        assertThat(issue.pod()).isSameAs(POD);
        assertThat(issue.secret().getMetadata().getName())
                .isEqualTo(VIEW.names().hostName("Token", "shop", "web"))
                .isNotEqualTo(VIEW.names().hostName("Secret", "shop", "web"));
    }

    @Test
    void deletesTokensOnlyWhenThePodIsProvenGone() {
        var delete = (DeleteFromHost) syncer.decide(new HostOnly<>(secret(FixedView.NOW.toString())), VIEW)
                .getFirst();

        assertThat(delete.proof()).isEqualTo(Proof.TENANT_OBJECT_GONE);
    }

    private static Secret secret(String renew) {
        return new SecretBuilder()
                .withMetadata(VIEW.names().hostMeta("Token", POD))
                .editMetadata()
                .addToAnnotations(InsulaLabels.RENEW, renew)
                .endMetadata()
                .build();
    }
}
