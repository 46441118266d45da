package io.insula.controlplane.tenant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.storage.Storage;
import io.insula.tenantapi.storage.StoragePage;
import io.insula.tenantapi.storage.StoredValue;
import io.insula.tenantapi.storage.memory.InMemoryStorage;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/// What another tenant's copy must not have, and what it must keep.
final class CopiedStoreTest {

    private static final String HOSTS =
            "{'metadata':{'name':'pv-1','labels':{'insula.io/managed-by':'insula-syncer'}}}";

    /// As the other tenant has it.
    private static final Map<String, String> BEFORE = Map.ofEntries(
            Map.entry(
                    "pods/default/bound",
                    "{'metadata':{'name':'bound','namespace':'default','uid':'u1'},'spec':{'nodeName':'n1','x':1},"
                            + "'status':{'phase':'Running','podIP':'198.18.0.9','startTime':'t','qosClass':'Burstable',"
                            + "'conditions':[{'type':'PodScheduled','status':'True'}]}}"),
            Map.entry(
                    "pods/default/own-choice",
                    "{'metadata':{'name':'own-choice'},'spec':{'nodeName':'n1'},'status':{'phase':'Pending'}}"),
            Map.entry(
                    "pods/default/ended",
                    "{'metadata':{'name':'ended'},'spec':{'nodeName':'n1'},'status':{'phase':'Succeeded'}}"),
            Map.entry(
                    "services/specs/default/kubernetes",
                    "{'metadata':{'name':'kubernetes','namespace':'default'},'spec':{'clusterIP':'10.96.0.1'}}"),
            Map.entry(
                    "services/specs/default/web",
                    "{'metadata':{'name':'web','namespace':'default'},'spec':{'clusterIP':'10.96.0.7',"
                            + "'clusterIPs':['10.96.0.7'],'healthCheckNodePort':31000,'selector':{'a':'b'},"
                            + "'ports':[{'port':80,'nodePort':30080}]},"
                            + "'status':{'loadBalancer':{'ingress':[{'ip':'203.0.113.9'}]}}}"),
            Map.entry(
                    "services/specs/default/headless",
                    "{'metadata':{'name':'headless','namespace':'default'},'spec':{'clusterIP':'None',"
                            + "'clusterIPs':['None']},'status':{'loadBalancer':{}}}"),
            Map.entry(
                    "endpointslices/default/web-1",
                    "{'metadata':{'name':'web-1','labels':"
                            + "{'endpointslice.kubernetes.io/managed-by':'endpointslice-controller.k8s.io'}}}"),
            Map.entry("endpointslices/default/by-hand", "{'metadata':{'name':'by-hand'}}"),
            Map.entry(
                    "persistentvolumeclaims/default/data",
                    "{'metadata':{'name':'data','annotations':{'pv.kubernetes.io/bind-completed':'yes','mine':'1'}},"
                            + "'spec':{'volumeName':'pv-1','storageClassName':'standard'},'status':{'phase':'Bound'}}"),
            Map.entry("persistentvolumes/pv-1", HOSTS),
            Map.entry("persistentvolumes/own", "{'metadata':{'name':'own'}}"),
            Map.entry(
                    "secrets/default/robot",
                    "{'metadata':{'name':'robot'},'type':'kubernetes.io/service-account-token','immutable':true,"
                            + "'data':{'token':'b2xk','ca.crt':'b2xk','namespace':'ZGVmYXVsdA=='}}"),
            Map.entry(
                    "secrets/kube-system/bootstrap-token-abcdef",
                    "{'metadata':{'name':'bootstrap-token-abcdef'},'type':'bootstrap.kubernetes.io/token'}"),
            Map.entry("secrets/default/own", "{'metadata':{'name':'own'},'type':'Opaque','data':{'token':'eA=='}}"),
            Map.entry("configmaps/default/kube-root-ca.crt", "{'metadata':{'name':'kube-root-ca.crt'}}"),
            Map.entry(
                    "configmaps/kube-system/extension-apiserver-authentication",
                    "{'metadata':{'name':'extension-apiserver-authentication','namespace':'kube-system'}}"),
            Map.entry(
                    "configmaps/default/extension-apiserver-authentication",
                    "{'metadata':{'name':'extension-apiserver-authentication','namespace':'default'}}"),
            Map.entry("leases/kube-system/kube-controller-manager", "{'metadata':{'name':'kube-controller-manager'}}"),
            Map.entry("widgets.example.com/default/w", "{'spec':{'clusterIP':'10.96.0.7'}}"));

    private static final Map<String, String> CHANGED = Map.of(
            "pods/default/bound",
            "{'metadata':{'name':'bound','namespace':'default','uid':'u1'},'spec':{'x':1},"
                    + "'status':{'phase':'Pending','qosClass':'Burstable'}}",
            "services/specs/default/web",
            "{'metadata':{'name':'web','namespace':'default'},'spec':{'selector':{'a':'b'},'ports':[{'port':80}]},"
                    + "'status':{'loadBalancer':{}}}",
            "persistentvolumeclaims/default/data",
            "{'metadata':{'name':'data','annotations':{'mine':'1'}},'spec':{'storageClassName':'standard'},"
                    + "'status':{'phase':'Pending'}}",
            "secrets/default/robot",
            "{'metadata':{'name':'robot'},'type':'kubernetes.io/service-account-token',"
                    + "'data':{'namespace':'ZGVmYXVsdA=='}}");

    private static final Set<String> GONE = Set.of(
            "services/specs/default/kubernetes",
            "endpointslices/default/web-1",
            "persistentvolumes/pv-1",
            "secrets/kube-system/bootstrap-token-abcdef",
            "configmaps/default/kube-root-ca.crt",
            "configmaps/kube-system/extension-apiserver-authentication",
            "leases/kube-system/kube-controller-manager");

    @Test
    void leavesNothingThatOnlyTheOtherTenantCanHave() {
        Storage store = filled();
        CopiedStore.settle(store);
        assertThat(content(store)).isEqualTo(wanted());
    }

    @Test
    void endsInTheSamePlaceAfterADeathBetweenAnyTwoWrites() {
        int writes = CHANGED.size() + GONE.size();
        for (int n = 0; n < writes; n++) {
            Storage store = filled();
            Storage dying = dyingAfter(n, store);
            assertThatThrownBy(() -> CopiedStore.settle(dying)).hasMessageContaining("dead");
            CopiedStore.settle(store);
            assertThat(content(store)).as("death after " + n).isEqualTo(wanted());
        }
        Storage store = filled();
        CopiedStore.settle(dyingAfter(writes, store));
        CopiedStore.settle(dyingAfter(0, store));
        assertThat(content(store)).as("nothing is written twice").isEqualTo(wanted());
    }

    @Test
    void goesThroughMoreThanFitsInOneRead() {
        Storage store = new InMemoryStorage();
        for (int i = 0; i < 250; i++) {
            put(store, "leases/default/l" + i, "{'metadata':{'name':'l'}}");
            put(store, "configmaps/n" + i + "/kube-root-ca.crt", "{'metadata':{'name':'kube-root-ca.crt'}}");
            put(store, "configmaps/n" + i + "/own", "{'metadata':{'name':'own'}}");
        }
        CopiedStore.settle(store);
        assertThat(content(store))
                .hasSize(250)
                .allSatisfy((key, _) -> assertThat(key).endsWith("/own"));
    }

    /// Whatever it is, it must not be served.
    @Test
    void refusesWhatCannotBeRead() {
        for (String broken : new String[] {"k8s\u0000\n", "[]", "7", "{"}) {
            Storage store = new InMemoryStorage();
            store.create("/registry/secrets/default/x", broken.getBytes(StandardCharsets.UTF_8), Duration.ZERO);
            assertThatThrownBy(() -> CopiedStore.settle(store))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("/registry/secrets/default/x");
        }
    }

    private static Map<String, ObjectNode> wanted() {
        var all = new TreeMap<String, ObjectNode>();
        BEFORE.forEach((key, text) -> {
            if (!GONE.contains(key)) {
                all.put("/registry/" + key, json(CHANGED.getOrDefault(key, text)));
            }
        });
        return all;
    }

    private static Storage filled() {
        Storage store = new InMemoryStorage();
        BEFORE.forEach((key, text) -> put(store, key, text));
        return store;
    }

    private static void put(Storage store, String key, String text) {
        store.create("/registry/" + key, Json.bytes(json(text)), Duration.ZERO);
    }

    private static Map<String, ObjectNode> content(Storage store) {
        var all = new TreeMap<String, ObjectNode>();
        StoragePage page = store.list("/registry/", "", 0, 0);
        for (StoredValue value : page.values()) {
            all.put(value.key(), Json.parse(value.value()));
        }
        return all;
    }

    private static ObjectNode json(String text) {
        return Json.parse(text.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }

    /// @param n so many writes are let through
    private static Storage dyingAfter(int n, Storage store) {
        var left = new AtomicInteger(n);
        return (Storage) Proxy.newProxyInstance(
                CopiedStoreTest.class.getClassLoader(), new Class<?>[] {Storage.class}, (_, method, arguments) -> {
                    boolean isWrite = Set.of("create", "update", "delete").contains(method.getName());
                    if (isWrite && left.getAndDecrement() <= 0) {
                        throw new IllegalStateException("dead");
                    }
                    try {
                        return method.invoke(store, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
