package io.insula.controlplane.service;

import io.insula.controlplane.admin.OidcPlan;
import io.insula.controlplane.audit.KafkaSettings;
import io.insula.controlplane.backup.BackupPlace;
import io.insula.controlplane.home.Home;
import io.insula.controlplane.home.Listening;
import io.insula.controlplane.home.ShellWord;
import io.insula.controlplane.keys.KeySource;
import io.insula.rules.network.AddressBlock;
import io.insula.syncer.engine.HostRanges;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// The options of `insula up` that concern the service itself; handed on to its process as they are. What is not given
/// is as it was at the last start; an empty value is the default again.
public final class ServiceOptions {

    private static final Pattern NODES = Pattern.compile("[a-z0-9-]+(,[a-z0-9-]+)*");
    private static final String LISTEN = "127.0.0.1";
    private static final String HOST_KUBECONFIG = "host-kubeconfig";

    @Option(
            names = "--listen",
            paramLabel = "ADDRESS",
            description = "IP address that the API servers and the admin API listen on (default: 127.0.0.1, this"
                    + " machine only; 0.0.0.0: all addresses).")
    private @Nullable String listen;

    @Option(
            names = "--advertise",
            paramLabel = "HOST",
            description = "DNS name or IP address that kubeconfigs give this machine (default: the address listened"
                    + " on; with 0.0.0.0 the one by which this machine reaches others).")
    private @Nullable String advertise;

    @Option(names = "--admin-port", paramLabel = "PORT", description = "Port of the admin API (default: a free one).")
    private @Nullable Integer adminPort;

    @Option(
            names = "--new-ports",
            description = "Forgets all ports and chooses free ones; kubeconfigs need to be fetched again.")
    private boolean newPorts;

    @Option(
            names = "--host-kubeconfig",
            paramLabel = "FILE",
            description = "Uses this cluster as the host instead of an embedded one.")
    private @Nullable String hostKubeconfig;

    @Option(
            names = "--change-host",
            description = "Uses another host cluster than so far; the tenants on that one are left behind.")
    private boolean changeHost;

    @Option(
            names = "--nodes",
            paramLabel = "KIND",
            description =
                    "The embedded host's nodes: real (pods run on this machine, which needs root), simulated (they"
                            + " only seem to), both, or names of node back ends with commas between (default: real where"
                            + " possible).")
    private @Nullable String nodes;

    @Mixin
    private FrontDoorOptions frontDoor = new FrontDoorOptions();

    @Mixin
    private HostRangeOptions hostRanges = new HostRangeOptions();

    @Mixin
    private EgressOption egress = new EgressOption();

    @Mixin
    private KafkaOptions kafka = new KafkaOptions();

    @Mixin
    private OidcOptions oidc = new OidcOptions();

    @Mixin
    private BackupOptions backups = new BackupOptions();

    @Mixin
    private KeyOptions keys = new KeyOptions();

    /// @throws io.insula.controlplane.home.HomeException when the addresses are none
    /// @throws OptionException when the front door cannot be
    public Listening listening() {
        String address = text(listen);
        return Listening.of(address.isEmpty() ? LISTEN : address, text(advertise))
                .with(frontDoor.plan());
    }

    /// 0 for any free one.
    public int adminPort() {
        return adminPort == null ? 0 : adminPort;
    }

    public boolean newPorts() {
        return newPorts;
    }

    /// Whether another host cluster than the remembered one may be used.
    public boolean changeHost() {
        return changeHost;
    }

    /// Null for an embedded host.
    public @Nullable Path hostKubeconfig() {
        return file(hostKubeconfig);
    }

    /// Where backups of tenants are kept.
    ///
    /// @throws OptionException when what is given is no place
    public BackupPlace backups(Home home) {
        return backups.place(home);
    }

    /// What encrypts private keys on disk; empty for what the home remembers.
    public Optional<KeySource> keys() {
        return keys.source();
    }

    /// Empty for the best that this machine can have.
    public String nodes() {
        return text(nodes);
    }

    /// What was given, by the options' names without dashes, files by their absolute names.
    public Map<String, String> given() {
        var all = new LinkedHashMap<String, String>();
        add(all, "listen", listen);
        add(all, "advertise", advertise);
        add(all, "admin-port", adminPort == null ? null : adminPort.toString());
        all.putAll(frontDoor.given());
        add(all, HOST_KUBECONFIG, absolute(hostKubeconfig));
        add(all, "nodes", nodes);
        all.putAll(hostRanges.given());
        egress.addGiven(all);
        all.putAll(oidc.given());
        all.putAll(backups.given());
        all.putAll(keys.given());
        all.putAll(kafka.given());
        return all;
    }

    /// What is worth remembering: all that is not as by default.
    public Map<String, String> chosen() {
        Map<String, String> all = given();
        all.values().removeIf(String::isEmpty);
        all.remove("listen", LISTEN);
        all.remove("admin-port", "0");
        all.remove("front-door", "0");
        return all;
    }

    /// What of it the home remembers for the next start: where its key is it knows itself.
    public Map<String, String> remembered() {
        Map<String, String> all = chosen();
        keys.given().keySet().forEach(all::remove);
        return all;
    }

    /// Takes what was not given from what was given before.
    public void completeWith(Map<String, String> before) {
        listen = listen == null ? before.get("listen") : listen;
        advertise = advertise == null ? before.get("advertise") : advertise;
        if (adminPort == null && before.containsKey("admin-port")) {
            adminPort = Integer.valueOf(before.getOrDefault("admin-port", "0"));
        }
        hostKubeconfig = hostKubeconfig == null ? before.get(HOST_KUBECONFIG) : hostKubeconfig;
        nodes = nodes == null ? before.get("nodes") : nodes;
        backups.completeWith(before);
        frontDoor.completeWith(before);
        hostRanges.completeWith(before);
        egress.completeWith(before);
        oidc.completeWith(before);
        kafka.completeWith(before);
    }

    /// Refuses to leave an external host cluster for the embedded one, or the other way, unless told to.
    ///
    /// @param embedded whether there is an embedded host
    public void requireGivenHostIsKnown(Map<String, String> before, boolean embedded) {
        String known = before.getOrDefault(HOST_KUBECONFIG, "");
        if (hostKubeconfig == null || changeHost) {
            return;
        }
        if (hostKubeconfig.isEmpty() ? !known.isEmpty() : known.isEmpty() && embedded) {
            throw new OptionException("--host-kubeconfig: the tenants of this home are on "
                    + (known.isEmpty() ? "its embedded host" : "the cluster of " + known)
                    + ": add --change-host to leave them behind, or use another folder with --home;"
                    + " nothing was changed");
        }
    }

    /// Empty to start one.
    ///
    /// @throws OptionException when what is given cannot be used
    public Optional<KafkaSettings> kafka() {
        return kafka.settings();
    }

    /// Addresses of the host cluster that it does not name itself.
    ///
    /// @throws OptionException when what is given is none
    public HostRanges hostRanges() {
        return hostRanges.ranges();
    }

    /// What tenants' API servers may dial of what is private.
    ///
    /// @throws OptionException when what is given is none, or can never be opened
    public List<AddressBlock> egress() {
        return egress.blocks();
    }

    /// Whose tokens the admin API takes; empty for nobody's.
    ///
    /// @throws OptionException when what is given makes no issuer
    public Optional<OidcPlan> oidc() {
        return oidc.plan();
    }

    /// Refuses what can be seen to be wrong without changing anything.
    public void check() {
        if (adminPort() < 0 || adminPort() > 65_535) {
            throw new OptionException("--admin-port: " + adminPort + " (expected: 1..65535); nothing was changed");
        }
        Path kubeconfig = hostKubeconfig();
        if (kubeconfig != null && !Files.isReadable(kubeconfig)) {
            throw new OptionException("--host-kubeconfig: cannot read " + kubeconfig + "; nothing was changed");
        }
        if (kubeconfig != null && !nodes().isEmpty()) {
            throw new OptionException(
                    "--nodes: \"" + nodes() + "\": the cluster of --host-kubeconfig has nodes of its own"
                            + " (`--nodes ''` forgets what was chosen before); nothing was changed");
        }
        if (!nodes().isEmpty() && !NODES.matcher(nodes()).matches()) {
            throw new OptionException("--nodes: \"" + nodes()
                    + "\" (expected: real, simulated, both, or names of node back ends); nothing was changed");
        }
        backups.check();
        keys.check();
        var _ = listening();
        var _ = kafka();
        var _ = hostRanges();
        var _ = egress();
        var _ = oidc();
    }

    public List<String> asArguments() {
        var all = new ArrayList<String>();
        given().forEach((name, value) -> all.add("--" + name + "=" + value));
        if (newPorts) {
            all.add("--new-ports");
        }
        if (changeHost) {
            all.add("--change-host");
        }
        return all;
    }

    /// As a person would type them.
    public static String typed(Map<String, String> options) {
        return options.entrySet().stream()
                .map(o -> "--" + o.getKey() + " " + ShellWord.quote(o.getValue()))
                .collect(Collectors.joining(" "));
    }

    private static String text(@Nullable String value) {
        return value == null ? "" : value;
    }

    private static @Nullable Path file(@Nullable String name) {
        return name == null || name.isEmpty() ? null : Path.of(name);
    }

    private static @Nullable String absolute(@Nullable String name) {
        Path file = file(name);
        return file == null ? name : file.toAbsolutePath().toString();
    }

    private static void add(Map<String, String> all, String name, @Nullable String value) {
        if (value != null) {
            all.put(name, value);
        }
    }
}
