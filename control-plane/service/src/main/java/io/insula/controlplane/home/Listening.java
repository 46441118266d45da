package io.insula.controlplane.home;

import io.insula.rules.network.IpAddress;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// Where Insula listens, and the name that kubeconfigs give it. Immutable.
///
/// @param address one of this machine's; a wildcard (`0.0.0.0`, `::`) for all of them
/// @param publicHost DNS name or IP address by which others reach this machine
/// @param frontDoor where tenants are reached by their names; empty where there is no such port
public record Listening(InetAddress address, String publicHost, Optional<FrontDoorPlan> frontDoor) {

    /// Source: RFC 1123, host names.
    private static final Pattern HOST =
            Pattern.compile("[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?(\\.[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?)*");

    /// Where the last part of a name is a number, it is meant for an address. Source: WHATWG URL, "ends in a number".
    private static final Pattern NUMBERS = Pattern.compile("(.*\\.)?(\\d+|0[xX][0-9a-fA-F]*)");

    /// Nobody's; no packet is sent to it. Source: RFC 5737.
    private static final InetSocketAddress ELSEWHERE = new InetSocketAddress("198.51.100.1", 9);

    private Listening(InetAddress address, String publicHost) {
        this(address, publicHost, Optional.empty());
    }

    /// The same with such a port.
    public Listening with(Optional<FrontDoorPlan> other) {
        return new Listening(address, publicHost, other);
    }

    /// This machine only.
    public static Listening loopback() {
        return new Listening(InetAddress.getLoopbackAddress(), "127.0.0.1");
    }

    /// @param listen IP address, or a name of this machine
    /// @param advertise DNS name or IP address; empty to take the address itself, and for a wildcard the one by
    ///     which this machine reaches others
    /// @throws HomeException when one of them is no such thing
    public static Listening of(String listen, String advertise) {
        InetAddress address = resolve(listen);
        if (advertise.isEmpty()) {
            return new Listening(address, text(address.isAnyLocalAddress() ? outwards() : address));
        }
        if (IpAddress.parse(advertise).isEmpty() && !HOST.matcher(advertise).matches()) {
            throw new HomeException(
                    "--advertise: \"" + advertise + "\" (expected: a DNS name or an IP address); nothing was changed");
        }
        return new Listening(address, advertise);
    }

    /// The address as text, for servers.
    public String bind() {
        return text(address);
    }

    /// For clients on this machine.
    public String localUrl(int port) {
        return url(address.isAnyLocalAddress() ? "127.0.0.1" : bind(), port);
    }

    /// For everybody.
    public String publicUrl(int port) {
        return url(publicHost, port);
    }

    /// What a server's certificate must name besides `localhost` and `127.0.0.1`.
    public List<String> names() {
        Set<String> names = new LinkedHashSet<>();
        names.add(publicHost);
        if (address.isAnyLocalAddress()) {
            own().forEach(a -> names.add(text(a)));
        } else {
            names.add(bind());
        }
        return List.copyOf(names);
    }

    private static String url(String host, int port) {
        return "https://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }

    /// What looks like an address is read as every other address is; only a name is the resolver's, which would take
    /// `127.1` and `0177.0.0.1` as well.
    private static InetAddress resolve(String listen) {
        try {
            Optional<IpAddress> address = IpAddress.parse(listen);
            if (address.isPresent()) {
                return InetAddress.getByAddress(address.get().bytes());
            }
            if (HOST.matcher(listen).matches() && !NUMBERS.matcher(listen).matches()) {
                return InetAddress.getByName(listen);
            }
        } catch (UnknownHostException e) {
            throw noAddress(listen);
        }
        throw noAddress(listen);
    }

    private static HomeException noAddress(String listen) {
        return new HomeException("--listen: \"" + listen + "\" (expected: an IP address of this machine, or 0.0.0.0 for"
                + " all of them); nothing was changed");
    }

    /// Without the interface's name, which means nothing elsewhere.
    private static String text(InetAddress address) {
        String text = address.getHostAddress();
        int scope = text.indexOf('%');
        return scope < 0 ? text : text.substring(0, scope);
    }

    /// The address that the routes of this machine choose for a connection to elsewhere.
    private static InetAddress outwards() {
        try (var socket = new DatagramSocket()) {
            socket.connect(ELSEWHERE);
            if (!socket.getLocalAddress().isAnyLocalAddress()) {
                return socket.getLocalAddress();
            }
        } catch (IOException | java.io.UncheckedIOException e) {
            // No route: what the interfaces have must do.
        }
        return own().stream().findFirst().orElse(InetAddress.getLoopbackAddress());
    }

    private static List<InetAddress> own() {
        try {
            var all = new ArrayList<InetAddress>();
            NetworkInterface.networkInterfaces()
                    .flatMap(NetworkInterface::inetAddresses)
                    .filter(a -> !a.isLoopbackAddress() && !a.isLinkLocalAddress())
                    .forEach(all::add);
            return all;
        } catch (SocketException e) {
            return List.of();
        }
    }
}
