package io.insula.node.agent;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceList;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.insula.node.agent.LastKnown.Question;
import io.insula.node.machine.SteadyClock;
import io.insula.node.pod.PodSources;
import io.insula.tenantapi.api.Meta;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Asks the API server itself: what a pod was created with is there. While it does not answer, what it said last holds.
/// Tokens are kept and asked for anew at four fifths of their time. Thread-safe.
final class ApiSources implements PodSources {

    private static final double RENEW_AT = 0.8;

    private final KubernetesClient client;
    private final Map<TokenKey, Token> tokens = new ConcurrentHashMap<>();
    private final LastKnown known = new LastKnown();

    private record TokenKey(String uid, List<String> audiences, long seconds) {}

    private record Token(String value, Instant renew) {}

    ApiSources(KubernetesClient client) {
        this.client = client;
    }

    @Override
    public Optional<ConfigMap> configMap(String namespace, String name) {
        return one(
                "ConfigMap",
                namespace,
                name,
                ConfigMap.class,
                () -> client.configMaps().inNamespace(namespace).withName(name).get());
    }

    @Override
    public Optional<Secret> secret(String namespace, String name) {
        return one(
                "Secret",
                namespace,
                name,
                Secret.class,
                () -> client.secrets().inNamespace(namespace).withName(name).get());
    }

    @Override
    public Optional<PersistentVolumeClaim> claim(String namespace, String name) {
        return one(
                "PersistentVolumeClaim",
                namespace,
                name,
                PersistentVolumeClaim.class,
                () -> client.persistentVolumeClaims()
                        .inNamespace(namespace)
                        .withName(name)
                        .get());
    }

    @Override
    public Optional<PersistentVolume> volume(String name) {
        return one(
                "PersistentVolume",
                "",
                name,
                PersistentVolume.class,
                () -> client.persistentVolumes().withName(name).get());
    }

    private <T> Optional<T> one(
            String kind, String namespace, String name, Class<T> type, Supplier<@Nullable T> server) {
        Answer answer = known.ask(new Question<>(Answer.class, kind, namespace, name), () -> new Answer(server.get()));
        return Optional.ofNullable(answer.object()).map(type::cast);
    }

    /// @param object null where there is none
    private record Answer(@Nullable Object object) {}

    @Override
    public List<Service> services(String namespace) {
        return known.ask(
                        new Question<>(ServiceList.class, "Service", namespace, ""),
                        () -> client.services().inNamespace(namespace).list())
                .getItems();
    }

    @Override
    public String token(Pod pod, List<String> audiences, long seconds) {
        var key = new TokenKey(pod.getMetadata().getUid(), audiences, seconds);
        return tokens.compute(
                        key,
                        (_, old) -> old != null && SteadyClock.now().isBefore(old.renew())
                                ? old
                                : renewed(old, pod, audiences, seconds))
                .value();
    }

    void forget(String uid) {
        tokens.keySet().removeIf(key -> key.uid().equals(uid));
    }

    /// One that is to be renewed is good for a while.
    private Token renewed(@Nullable Token old, Pod pod, List<String> audiences, long seconds) {
        try {
            return issue(pod, audiences, seconds);
        } catch (KubernetesClientException e) {
            if (old == null || !LastKnown.isSilence(e)) {
                throw e;
            }
            return old;
        }
    }

    private Token issue(Pod pod, List<String> audiences, long seconds) {
        var metadata = pod.getMetadata();
        String account = pod.getSpec().getServiceAccountName();
        Instant now = Instant.now();
        var answer = client.serviceAccounts()
                .inNamespace(metadata.getNamespace())
                .withName(account == null || account.isEmpty() ? "default" : account)
                .tokenRequest(new TokenRequestBuilder()
                        .withNewSpec()
                        .withAudiences(audiences)
                        .withExpirationSeconds(seconds)
                        .withNewBoundObjectRef()
                        .withApiVersion("v1")
                        .withKind("Pod")
                        .withName(metadata.getName())
                        .withUid(metadata.getUid())
                        .endBoundObjectRef()
                        .endSpec()
                        .build());
        long lasts = Duration.between(now, Instant.parse(answer.getStatus().getExpirationTimestamp()))
                .toSeconds();
        return new Token(answer.getStatus().getToken(), Meta.after(SteadyClock.now(), (long) (lasts * RENEW_AT)));
    }
}
