package io.insula.controlplane.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.internal.SSLUtils;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.engine.NameMap;
import io.insula.syncer.engine.TenantId;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.http.HttpRequest;
import io.insula.tenantapi.http.HttpResponder;
import io.insula.tenantapi.server.ServerComponents;
import io.insula.tenantapi.tunnel.Dial;
import io.insula.tenantapi.tunnel.Tunnel;
import io.micronaut.context.ApplicationContext;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// A tenant's connections to its pods, over two real API servers, with attempts to reach what is not the tenant's. The
/// host says back what it is told.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostStreamsTest {

    private static final TenantId ACME = new TenantId("acme");
    private static final NameMap NAMES = new NameMap(ACME);
    private static final String NAMESPACE = "default";
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private final ApplicationContext beans = ApplicationContext.run();
    private final AtomicReference<TestCluster> host = new AtomicReference<>();
    private final AtomicReference<TestCluster> acme = new AtomicReference<>();
    /// What the host has been asked for.
    private final List<String> asked = new CopyOnWriteArrayList<>();

    @BeforeAll
    void start(@TempDir Path folder) {
        var components = beans.getBean(ServerComponents.class);
        host.set(new TestCluster(
                "host",
                folder.resolve("host"),
                components,
                builder -> builder.passThrough((request, _, _, _, responder) -> answer(request, responder))));
        acme.set(new TestCluster(
                "acme",
                folder.resolve("acme"),
                components,
                builder -> builder.passThrough(new HostStreams(
                        NAMES, of(host).client(), () -> of(acme).server().client()))));
        for (String namespace : List.of(ACME.hostNamespace(), "insula-other")) {
            of(host).client()
                    .resource(new NamespaceBuilder()
                            .withNewMetadata()
                            .withName(namespace)
                            .endMetadata()
                            .build())
                    .create();
            ClusterPods.account(of(host), namespace);
        }
        ClusterPods.account(of(acme), NAMESPACE);
    }

    private void answer(HttpRequest request, HttpResponder responder) {
        asked.add(request.method() + " " + request.path() + "?" + request.query());
        if (request.path().endsWith("/proxy/page")) {
            String link = "<a href=\"" + request.path() + "/more\">more</a>";
            responder.send(200, Map.of("Content-Type", List.of("text/html")), link.getBytes(StandardCharsets.UTF_8));
            return;
        }
        if (request.query().contains("refuse")) {
            throw ApiException.badRequest("container c of pod " + NAMES.hostName("Pod", NAMESPACE, "web") + " in "
                    + ACME.hostNamespace() + " ended");
        }
        try (Tunnel tunnel = responder.upgrade(Map.of("Connection", List.of("Upgrade"), "Upgrade", List.of("x")))) {
            byte[] piece = new byte[1024];
            for (int count = tunnel.in().read(piece);
                    count >= 0;
                    count = tunnel.in().read(piece)) {
                tunnel.out().write(piece, 0, count);
            }
        } catch (IOException e) {
            // the tenant's side has ended it
            assertThat(e).hasMessageContaining("closed");
        }
    }

    @BeforeEach
    void forget() {
        asked.clear();
    }

    @AfterAll
    void stop() {
        of(acme).close();
        of(host).close();
        beans.close();
    }

    @Test
    void connectsToItsOwnHostPod() throws Exception {
        Pod web = tenantPod("web");
        hostPod(web, web.getMetadata().getUid());
        try (Tunnel tunnel = dialed("web", "exec?command=sh&command=-c&command=a%20%26%20b&stdin=true&stdout=true")) {
            tunnel.out().write('x');
            assertThat(tunnel.in().read()).isEqualTo('x');
        }
        assertThat(asked)
                .containsExactly("POST /api/v1/namespaces/insula-acme/pods/" + NAMES.hostName("Pod", NAMESPACE, "web")
                        + "/exec?container=c&command=sh&command=-c&command=a+%26+b&stdin=true&stdout=true");
    }

    @Test
    void endsWithTheTenantsPodEvenWhereTheHostsStays() throws Exception {
        Pod gone = tenantPod("gone");
        hostPod(gone, gone.getMetadata().getUid());
        try (Tunnel tunnel = dialed("gone", "attach?stdin=true")) {
            tunnel.out().write('x');
            assertThat(tunnel.in().read()).isEqualTo('x');
            of(acme).client()
                    .pods()
                    .inNamespace(NAMESPACE)
                    .withName("gone")
                    .withGracePeriod(0)
                    .delete();
            assertThat(tunnel.in().read()).isEqualTo(-1);
        }
    }

    @Test
    void tellsTheHostsRefusalInTheTenantsWords() throws Exception {
        Pod web = tenantPod("worded");
        hostPod(web, web.getMetadata().getUid());
        var refused = refused("worded", "exec?command=refuse");
        assertThat(refused.status()).isEqualTo(400);
        assertThat(body(refused)).contains("ended").doesNotContain("insula-acme");
    }

    @Test
    void reachesNoContainerThatIsTheHostsOnly() throws Exception {
        Pod web = tenantPod("injected");
        Pod onHost = hostPodWith(web, "hosts-own");
        assertThat(onHost.getSpec().getContainers()).hasSize(2);
        for (String attempt : List.of(
                "exec?container=hosts-own&command=sh",
                "exec?container=c&container=hosts-own&command=sh",
                "exec?%63ontainer=hosts-own&command=sh",
                "attach?container=hosts-own&stdin=true",
                "exec?container=c%26container%3Dhosts-own&command=sh")) {
            asked.clear();
            Dial.Answer answer = answer("injected", attempt);
            if (answer instanceof Dial.Answer.Upgraded upgraded) {
                upgraded.tunnel().close();
            }
            assertThat(asked).as(attempt).noneMatch(url -> url.contains("hosts-own"));
        }
    }

    @Test
    void reachesNoPodThatRunsForAnother() throws Exception {
        Pod stale = tenantPod("stale");
        hostPod(stale, "another-uid");
        assertThat(refused("stale", "exec?command=sh").status()).isEqualTo(400);
        assertThat(refused("stale", "portforward?ports=80").status()).isEqualTo(400);
        assertThat(asked).isEmpty();
    }

    @Test
    void reachesNoOtherNamespaceByAnyPath() throws Exception {
        Pod hidden = new PodBuilder(tenantPod("hidden")).build();
        hostPod(hidden, hidden.getMetadata().getUid());
        String hostName = NAMES.hostName("Pod", NAMESPACE, "hidden");
        for (String name : List.of(
                hostName,
                "..%2f..%2finsula-other%2fpods%2fvictim",
                "hidden%2fexec%3fcommand=sh%23",
                "%2e%2e",
                "hidden%00",
                "hidden%0d%0aX-Remote-User:%20root")) {
            asked.clear();
            var answer = answer(name, "exec?command=sh");
            assertThat(answer).as(name).isInstanceOf(Dial.Answer.Refused.class);
            assertThat(asked).as(name).isEmpty();
        }
        for (String namespace : List.of("insula-acme", "insula-other", "..", "default%2f..%2finsula-other")) {
            assertThat(Dial.upgrade(
                            peer(),
                            "POST",
                            "/api/v1/namespaces/" + namespace + "/pods/" + hostName + "/exec?command=sh",
                            wish(),
                            PATIENCE))
                    .as(namespace)
                    .isInstanceOf(Dial.Answer.Refused.class);
        }
        assertThat(asked).isEmpty();
    }

    /// Who asks on the host is the control plane, whatever the tenant's client says of itself.
    @Test
    void passesNoCredentialNorIdentityOn() throws Exception {
        Pod web = tenantPod("headers");
        hostPod(web, web.getMetadata().getUid());
        var headers = new java.util.LinkedHashMap<>(wish());
        headers.put("X-Forwarded-For", List.of("10.0.0.1"));
        headers.put("X-Stream-Protocol-Version", List.of("v4.channel.k8s.io"));
        var answer = Dial.upgrade(
                peer(),
                "POST",
                "/api/v1/namespaces/default/pods/headers/exec?command=sh&pretty=1&dryRun=All&fieldManager=x",
                headers,
                PATIENCE);
        ((Dial.Answer.Upgraded) answer).tunnel().close();
        assertThat(asked).singleElement().asString().endsWith("/exec?container=c&command=sh");
    }

    @Test
    void aPodWithoutANodeHasNothingToConnectTo() throws Exception {
        of(acme).client().resource(ClusterPods.pod("pending", NAMESPACE)).create();
        var refused = refused("pending", "exec?command=sh");
        assertThat(refused.status()).isEqualTo(400);
        assertThat(body(refused)).contains("pod pending does not have a host assigned");
    }

    /// As the host's API server gives them: below the host's name of the pod.
    @Test
    void leadsLinksInPagesToTheTenantsNames() throws Exception {
        Pod paged = tenantPod("paged");
        hostPod(paged, paged.getMetadata().getUid());
        String proxy = "/api/v1/namespaces/default/pods/http:paged:80/proxy";
        try (var page = Dial.send(peer(), Dial.Request.get(proxy + "/page"), PATIENCE)) {
            assertThat(page.body()).hasContent("<a href=\"" + proxy + "/page/more\">more</a>");
        }
        assertThat(asked).singleElement().asString().contains("insula-acme");
        asked.clear();
        try (var bare = Dial.send(peer(), Dial.Request.get(proxy + "?a=b"), PATIENCE)) {
            assertThat(bare.status()).isEqualTo(301);
            assertThat(bare.headers()).containsEntry("location", List.of(proxy + "/?a=b"));
        }
        assertThat(asked).isEmpty();
    }

    private Tunnel dialed(String pod, String rest) throws Exception {
        return ((Dial.Answer.Upgraded) answer(pod, rest)).tunnel();
    }

    private Dial.Answer.Refused refused(String pod, String rest) throws Exception {
        return (Dial.Answer.Refused) answer(pod, rest);
    }

    private Dial.Answer answer(String pod, String rest) throws Exception {
        return Dial.upgrade(peer(), "POST", "/api/v1/namespaces/default/pods/" + pod + "/" + rest, wish(), PATIENCE);
    }

    private static Map<String, List<String>> wish() {
        return Map.of("Connection", List.of("Upgrade"), "Upgrade", List.of("x"));
    }

    private Dial.Peer peer() throws Exception {
        return new Dial.Peer(
                "127.0.0.1", of(acme).server().port(), Optional.of(SSLUtils.sslContext(of(acme).config())));
    }

    private static String body(Dial.Answer.Refused refused) {
        return new String(refused.body(), StandardCharsets.UTF_8);
    }

    private Pod tenantPod(String name) {
        var pod = of(acme).client().resource(ClusterPods.pod(name, NAMESPACE)).create();
        ClusterPods.bind(of(acme), pod);
        return pod;
    }

    private void hostPod(Pod tenant, String uid) {
        var meta = NAMES.hostMeta("Pod", tenant);
        meta.getAnnotations().put(InsulaLabels.UID, uid);
        of(host).client()
                .resource(new PodBuilder(ClusterPods.pod("x", ACME.hostNamespace()))
                        .withMetadata(meta)
                        .build())
                .create();
    }

    private Pod hostPodWith(Pod tenant, String another) {
        return of(host).client()
                .resource(new PodBuilder(ClusterPods.pod("x", ACME.hostNamespace()))
                        .withMetadata(NAMES.hostMeta("Pod", tenant))
                        .editSpec()
                        .addNewContainer()
                        .withName(another)
                        .withImage("i")
                        .endContainer()
                        .endSpec()
                        .build())
                .create();
    }

    private static TestCluster of(AtomicReference<TestCluster> cluster) {
        return Objects.requireNonNull(cluster.get());
    }
}
