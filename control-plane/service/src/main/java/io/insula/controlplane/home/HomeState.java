package io.insula.controlplane.home;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// What one installation remembers between runs. Thread-safe: guarded by itself; each change is on disk when the call
/// returns.
public final class HomeState {

    /// Of the file: an upgrade reads what is older, and nobody reads what is newer.
    private static final int FORMAT = 2;

    private static final int OLDEST_FORMAT = 1;

    private final Home home;
    private final Path file;
    private final Map<String, Integer> ports = new TreeMap<>();
    private final Map<String, String> options = new TreeMap<>();
    private String host = "";

    private HomeState(Home home) {
        this.home = home;
        this.file = home.stateFile();
    }

    /// Reads the state; an absent file is an empty state and is not written.
    ///
    /// @throws HomeException when the file is not what this release wrote
    public static HomeState open(Home home) {
        var state = new HomeState(home);
        if (!Files.exists(state.file)) {
            return state;
        }
        state.read();
        return state;
    }

    /// Whose state it is.
    Home home() {
        return home;
    }

    /// The port that `purpose` (`admin`, `host`, `tenant/acme/etcd` …) has had before.
    public synchronized Optional<Integer> port(String purpose) {
        return Optional.ofNullable(ports.get(purpose));
    }

    public synchronized Map<String, Integer> ports() {
        return Map.copyOf(ports);
    }

    public synchronized void rememberPort(String purpose, int port) {
        ports.put(purpose, port);
        write();
    }

    /// Forgets all ports whose purpose starts with `prefix`.
    public synchronized void forgetPorts(String prefix) {
        if (ports.keySet().removeIf(purpose -> purpose.startsWith(prefix))) {
            write();
        }
    }

    /// The options of `insula up` that were given and led to a start, by their names without dashes; empty where
    /// nobody gave any yet.
    public synchronized Map<String, String> options() {
        return Map.copyOf(options);
    }

    /// Replaces all of them.
    public synchronized void rememberOptions(Map<String, String> all) {
        if (!options.equals(all)) {
            options.clear();
            options.putAll(all);
            write();
        }
    }

    /// The uid of the host cluster that holds this home's tenants; empty where there was none yet.
    public synchronized Optional<String> host() {
        return Optional.of(host).filter(uid -> !uid.isEmpty());
    }

    public synchronized void rememberHost(String uid) {
        if (!host.equals(uid)) {
            host = uid;
            write();
        }
    }

    private void read() {
        try {
            JsonNode root = Json.MAPPER.readTree(Files.readAllBytes(file));
            int format = root.path("format").asInt();
            if (format > FORMAT) {
                throw new HomeException("the home folder " + home.root() + " was last used by a newer Insula ("
                        + root.path("release").asText("unknown") + ", format " + format + "; this is " + Release.NAME
                        + ", format " + FORMAT + "): use that release or a later one; nothing was changed");
            }
            if (format < OLDEST_FORMAT || !root.path("ports").isObject()) {
                throw corrupt("it has format " + root.path("format") + " (expected: " + FORMAT + ")", null);
            }
            host = root.path("host").asText("");
            root.path("options")
                    .properties()
                    .forEach(o -> options.put(o.getKey(), o.getValue().asText()));
            for (var entry : root.path("ports").properties()) {
                int port = entry.getValue().asInt();
                if (port < 1 || port > 65535) {
                    throw corrupt("ports." + entry.getKey() + ": " + entry.getValue() + " (expected: 1..65535)", null);
                }
                ports.put(entry.getKey(), port);
            }
        } catch (JsonProcessingException e) {
            throw corrupt("it is not JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw corrupt("it cannot be read: " + e.getMessage(), e);
        }
    }

    private HomeException corrupt(String why, @org.jspecify.annotations.Nullable Throwable cause) {
        String message = "the home folder is damaged: " + file + ": " + why
                + "; restore the file, or use another folder with --home; nothing was changed";
        return cause == null ? new HomeException(message) : new HomeException(message, cause);
    }

    private void write() {
        ObjectNode root = Json.object().put("format", FORMAT).put("release", Release.NAME);
        if (!host.isEmpty()) {
            root.put("host", host);
        }
        ObjectNode given = root.putObject("options");
        options.forEach(given::put);
        ObjectNode all = root.putObject("ports");
        ports.forEach(all::put);
        AtomicFiles.write(file, root.toPrettyString() + "\n");
    }
}
