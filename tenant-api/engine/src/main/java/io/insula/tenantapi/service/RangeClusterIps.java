package io.insula.tenantapi.service;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.rules.keys.WellKnownKeys;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.api.GroupVersionKind;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.ports.ObjectClient;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;

/// Gives addresses from a server's own range. Each given address is an `IPAddress` object named after it, so
/// storage decides who gets an address when two ask, also across servers and restarts. Addresses that nobody
/// asked for by name come from the upper band first; the lower band stays for Services that name theirs.
///
/// An address whose Service was never stored, or no longer carries it, is taken back after [#GRACE]: when
/// somebody asks for it, and by [#repair].
///
/// Thread-safe: holds no state but its collaborators. Source: kubernetes
/// `pkg/registry/core/service/ipallocator`.
public final class RangeClusterIps implements ClusterIps {

    public static final String DEFAULT_CIDR = "10.96.0.0/12";

    /// How long an address may lie without a Service that carries it: the time a write may take.
    public static final Duration GRACE = Duration.ofSeconds(60);

    private static final GroupVersionResource ADDRESSES =
            new GroupVersionResource("networking.k8s.io", "v1", "ipaddresses");
    private static final GroupVersionResource CIDRS =
            new GroupVersionResource("networking.k8s.io", "v1", "servicecidrs");
    private static final GroupVersionResource SERVICES = new GroupVersionResource("", "v1", "services");
    private static final GroupVersionKind SERVICE = new GroupVersionKind("", "v1", "Service");
    private static final int BLIND_TRIES = 8;

    private final Supplier<ObjectClient> client;
    private final Ipv4Range main;
    private final Clock clock;

    /// @param client acts as the server itself; asked for at the first allocation, not before
    /// @param cidr the main range, `10.96.0.0/12`; further ones come from ServiceCIDR objects
    public RangeClusterIps(Supplier<ObjectClient> client, String cidr, Clock clock) {
        this.client = client;
        this.main = Ipv4Range.parse(cidr);
        this.clock = clock;
    }

    /// The first address of the range: that of the Service `default/kubernetes`.
    public String first() {
        return main.address(0);
    }

    @Override
    public Given allocate(JsonNode service, String requested, boolean dryRun) {
        requireOwnFamily(service);
        return Given.address(requested.isEmpty() ? any(service, dryRun) : exactly(service, requested, dryRun));
    }

    /// The range is IPv4 only. Source: kubernetes `pkg/registry/core/service/storage/alloc.go`.
    private static void requireOwnFamily(JsonNode service) {
        var errors = new ArrayList<FieldError>();
        JsonNode spec = service.path("spec");
        String policy = spec.path("ipFamilyPolicy").asText("");
        if (policy.equals("RequireDualStack")) {
            errors.add(FieldError.invalid(
                    "spec.ipFamilyPolicy", policy, "this cluster is not configured for dual-stack services"));
        }
        int i = 0;
        for (JsonNode family : spec.path("ipFamilies")) {
            if (!family.asText().equals("IPv4")) {
                errors.add(FieldError.invalid(
                        "spec.ipFamilies[" + i + "]", family.asText(), "not configured on this cluster"));
            }
            i++;
        }
        if (!errors.isEmpty()) {
            throw ApiException.invalid(SERVICE, Meta.name(service), errors);
        }
    }

    @Override
    public void release(String namespace, String name, String address) {
        var held = client.get().get(ADDRESSES, "", address);
        if (held.isPresent() && isOwnedBy(held.get(), namespace, name)) {
            delete(held.get());
        }
    }

    /// Takes back every address that no Service carries, and marks those that Services carry without an object.
    /// For a periodic loop; cheap when all is well.
    public void repair() {
        var objects = client.get();
        Set<String> known = new HashSet<>();
        for (ObjectNode address :
                objects.list(ADDRESSES, "", ObjectClient.Query.ALL).items()) {
            if (!isStale(address)) {
                known.add(Meta.name(address));
            } else {
                delete(address);
            }
        }
        for (ObjectNode service :
                objects.list(SERVICES, "", ObjectClient.Query.ALL).items()) {
            String address = service.path("spec").path("clusterIP").asText("");
            if (Ipv4Range.isAddress(address) && !known.contains(address)) {
                reserve(service, address, false);
            }
        }
    }

    private String exactly(JsonNode service, String address, boolean dryRun) {
        List<Ipv4Range> ranges = ranges();
        if (ranges.stream().noneMatch(r -> r.contains(address))) {
            throw refused(
                    service,
                    address,
                    "the provided IP (" + address + ") is not in the valid range. The range of valid IPs is " + main);
        }
        if (!reserve(service, address, dryRun)) {
            throw refused(service, address, "provided IP is already allocated");
        }
        return address;
    }

    private String any(JsonNode service, boolean dryRun) {
        for (int i = 0; i < BLIND_TRIES; i++) {
            long index = ThreadLocalRandom.current().nextLong(main.reserved(), main.size());
            if (reserve(service, main.address(index), dryRun)) {
                return main.address(index);
            }
        }
        for (Ipv4Range range : ranges()) {
            String found = scan(service, range, dryRun);
            if (!found.isEmpty()) {
                return found;
            }
        }
        throw ApiException.internal("failed to allocate a serviceIP: range is full", null);
    }

    /// The first free address, upper band first; empty when there is none.
    private String scan(JsonNode service, Ipv4Range range, boolean dryRun) {
        Set<String> taken = new HashSet<>();
        client.get().list(ADDRESSES, "", ObjectClient.Query.ALL).items().stream()
                .filter(a -> !isStale(a))
                .forEach(a -> taken.add(Meta.name(a)));
        for (long i = 0; i < range.size(); i++) {
            String address = range.address((range.reserved() + i) % range.size());
            if (!taken.contains(address) && reserve(service, address, dryRun)) {
                return address;
            }
        }
        return "";
    }

    /// Whether the address now is this Service's.
    private boolean reserve(JsonNode service, String address, boolean dryRun) {
        var held = client.get().get(ADDRESSES, "", address);
        if (held.isPresent()) {
            if (isOwnedBy(held.get(), Meta.namespace(service), Meta.name(service))) {
                return true;
            }
            if (!isStale(held.get())) {
                return false;
            }
            if (!dryRun) {
                delete(held.get());
            }
        }
        if (dryRun) {
            return true;
        }
        try {
            client.get().create(ADDRESSES, "", address(service, address));
            return true;
        } catch (ApiException e) {
            if (e.is("AlreadyExists")) {
                return false;
            }
            throw e;
        }
    }

    private static ObjectNode address(JsonNode service, String address) {
        ObjectNode object =
                Json.object().put("apiVersion", "networking.k8s.io/v1").put("kind", "IPAddress");
        object.putObject("metadata")
                .put("name", address)
                .putObject("labels")
                .put("ipaddress.kubernetes.io/ip-family", "IPv4")
                .put(WellKnownKeys.IP_MANAGED_BY, "ipallocator.k8s.io");
        object.putObject("spec")
                .putObject("parentRef")
                .put("group", "")
                .put("resource", "services")
                .put("namespace", Meta.namespace(service))
                .put("name", Meta.name(service));
        return object;
    }

    /// Whether the Service that an address was given to does not carry it, long enough after it was given.
    private boolean isStale(JsonNode address) {
        String created = address.path("metadata").path("creationTimestamp").asText("");
        if (created.isEmpty()) {
            return false;
        }
        Instant given = Instant.parse(created);
        JsonNode parent = parent(address);
        if (!parent.path("resource").asText().equals("services")
                || given.plus(GRACE).isAfter(clock.instant())) {
            return false;
        }
        return client.get()
                .get(
                        SERVICES,
                        parent.path("namespace").asText(),
                        parent.path("name").asText())
                .filter(s -> carries(s, Meta.name(address)))
                .isEmpty();
    }

    private static boolean carries(JsonNode service, String address) {
        var all = new ArrayList<String>();
        all.add(service.path("spec").path("clusterIP").asText());
        service.path("spec").path("clusterIPs").forEach(ip -> all.add(ip.asText()));
        return all.contains(address);
    }

    private static boolean isOwnedBy(JsonNode address, String namespace, String name) {
        return parent(address).path("resource").asText().equals("services")
                && parent(address).path("namespace").asText().equals(namespace)
                && parent(address).path("name").asText().equals(name);
    }

    private static JsonNode parent(JsonNode address) {
        return address.path("spec").path("parentRef");
    }

    private void delete(JsonNode address) {
        ObjectNode options = Json.object();
        options.putObject("preconditions").put("uid", Meta.uid(address));
        try {
            client.get().delete(ADDRESSES, "", Meta.name(address), options);
        } catch (ApiException e) {
            // gone, or given to somebody else meanwhile: either way not ours to take back
            if (!e.is("NotFound") && !e.is("Conflict")) {
                throw e;
            }
        }
    }

    @Override
    public List<String> networks() {
        return List.of(main.toString());
    }

    private List<Ipv4Range> ranges() {
        var all = new ArrayList<>(List.of(main));
        for (ObjectNode cidr :
                client.get().list(CIDRS, "", ObjectClient.Query.ALL).items()) {
            if (!Meta.isBeingDeleted(cidr)) {
                cidr.path("spec")
                        .path("cidrs")
                        .forEach(c -> Ipv4Range.usable(c.asText()).ifPresent(all::add));
            }
        }
        return all.stream().distinct().toList();
    }

    private static ApiException refused(JsonNode service, String address, String why) {
        var addresses = Json.object().putArray("x").add(address);
        return ApiException.invalid(
                SERVICE,
                Meta.name(service),
                List.of(FieldError.invalid(
                        "spec.clusterIPs", addresses, "failed to allocate IP " + address + ": " + why)));
    }
}
