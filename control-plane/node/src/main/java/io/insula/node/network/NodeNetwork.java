package io.insula.node.network;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.insula.node.machine.Machine;
import io.insula.node.network.dns.DnsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps the rules of a machine's pods as the API server's objects want them: a change is in force within 100 ms, in
/// one transaction. Where a machine is several nodes with one router, there is one of these.
///
/// After its end the rules stay as they are, as pods may go on: what walls them in must not go before them. The next
/// start replaces them at once; [Router#remove] removes them with the router. Thread-safe: counts are guarded by
/// `lock`, all else is written by one thread.
public final class NodeNetwork implements AutoCloseable {

    private static final Path RESOLVERS = Path.of("/etc/resolv.conf");
    private static final Logger LOG = LoggerFactory.getLogger(NodeNetwork.class);
    /// How long changes are gathered: one rollout makes many.
    private static final Duration GATHER = Duration.ofMillis(20);
    /// How long to wait after a failure, and at most without a look.
    private static final Duration AGAIN = Duration.ofSeconds(5);
    /// How long a pod waits for its rules.
    private static final Duration ANNOUNCED = Duration.ofSeconds(30);

    private final NetworkSettings settings;
    private final NftTable router;
    private final NftTable machine;
    private final Connections connections;
    private final PeerCables cables;
    private final Informers informers;
    private final Map<String, String> announced = new ConcurrentHashMap<>();
    private final AtomicReference<Askers> askers = new AtomicReference<>(Askers.NONE);
    private final DnsServer dns;
    private final ApiForwarder api;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Condition written = lock.newCondition();
    private long wanted = 1;
    private long done;
    private boolean closed;
    private final Thread thread;

    private NodeNetwork(NetworkSettings settings, KubernetesClient client) throws IOException {
        this.settings = settings;
        this.router = Router.table(settings.pods());
        this.machine = Router.machineTable(settings.pods());
        this.connections = new Connections(settings.pods());
        this.cables = new PeerCables(settings.pods());
        InetAddress here = new InetSocketAddress(settings.pods().machine(), 0).getAddress();
        this.dns = DnsServer.start(here, asker -> askers.get().names(asker), settings.domain(), RESOLVERS);
        this.api = new ApiForwarder(here, asker -> askers.get().tenant(asker).flatMap(settings.servers()::of));
        this.informers = new Informers(client, this::change);
        this.thread = Thread.ofVirtual()
                .name("insula-network " + settings.pods().device())
                .start(this::follow);
    }

    /// Starts following. Back before the first rules are written.
    ///
    /// @param client stays the caller's
    /// @throws NetworkException where this machine has no nftables, or the pods' network is not there
    public static NodeNetwork start(NetworkSettings settings, KubernetesClient client) {
        try {
            return new NodeNetwork(settings, client);
        } catch (IOException e) {
            throw new NetworkException("cannot listen at " + settings.pods().machine() + " for pods", e);
        }
    }

    /// Tells of a pod's address before the API server does, and waits until its rules are in force: what it sends
    /// first is not lost. Without this, what it sends is dropped until its status has come round.
    ///
    /// @throws NetworkException where they are not within half a minute
    public void announce(Pod pod, String address) {
        PodFacts known = askers.get().population().byAddress().get(address);
        if (known != null && known.uid().equals(pod.getMetadata().getUid())) {
            return;
        }
        announced.put(pod.getMetadata().getUid(), address);
        long mine = change();
        lock.lock();
        try {
            long left = ANNOUNCED.toNanos();
            while (done < mine && !closed) {
                if (left <= 0) {
                    throw new NetworkException(
                            "the rules of pod " + pod.getMetadata().getName() + " at " + address
                                    + " are not in force after " + ANNOUNCED.toSeconds() + " s");
                }
                left = written.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NetworkException("interrupted while a pod's rules were written", e);
        } finally {
            lock.unlock();
        }
    }

    private long change() {
        lock.lock();
        try {
            wanted++;
            changed.signalAll();
            return wanted;
        } finally {
            lock.unlock();
        }
    }

    private void follow() {
        try {
            while (true) {
                long now = await();
                if (now < 0) {
                    return;
                }
                if (informers.haveSynced() && write()) {
                    finished(now);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// @return how much is wanted by now; negative at the end
    private long await() throws InterruptedException {
        lock.lock();
        try {
            long left = AGAIN.toNanos();
            while (wanted == done && !closed && left > 0) {
                left = changed.awaitNanos(left);
            }
            long gather = GATHER.toNanos();
            while (gather > 0 && !closed) {
                gather = changed.awaitNanos(gather);
            }
            return closed ? -1 : wanted;
        } finally {
            lock.unlock();
        }
    }

    private void finished(long now) {
        lock.lock();
        try {
            done = now;
            written.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private boolean write() {
        try {
            ClusterState state = informers.state(this::announced);
            Population next = Population.of(state);
            NetworkSettings all =
                    settings.alsoAt(Machine.addresses(settings.pods().device()));
            var doors = new Doors(dns.port(), api.port());
            Ruleset rules = RouterRules.of(state, next, all, doors);
            machine.write(MachineRules.of(settings.pods(), doors, rules));
            router.write(rules);
            cables.lay(PeerCables.peers(state, settings.pods()));
            connections.forget(askers.get().population(), next);
            askers.set(new Askers(
                    next,
                    TenantNames.of(state, next, settings.domain()),
                    settings.pods().machine()));
            return true;
        } catch (RuntimeException e) {
            LOG.atError()
                    .addKeyValue("name", settings.pods().device())
                    .setCause(e)
                    .log("the rules of the pods' network are not as they should be");
            return false;
        }
    }

    /// The pod with the address that its node told us, until the API server knows it too.
    private Pod announced(Pod pod) {
        String address = announced.get(pod.getMetadata().getUid());
        if (address == null) {
            return pod;
        }
        if (pod.getStatus() != null && pod.getStatus().getPodIP() != null) {
            announced.remove(pod.getMetadata().getUid());
            return pod;
        }
        return new PodBuilder(pod)
                .editOrNewStatus()
                .withPodIP(address)
                .endStatus()
                .build();
    }

    /// Stops following; the rules stay.
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
            written.signalAll();
        } finally {
            lock.unlock();
        }
        informers.close();
        dns.close();
        api.close();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
